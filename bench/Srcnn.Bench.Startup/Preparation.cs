using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Bench.Startup;

/// <summary>Writes what the measurements read: small.png (64×64), large.png and models with seeded weights for scales 2 and 3.</summary>
internal static class Preparation
{
    /// <summary>A JPEG of 12 megapixels; a folder of PNGs of 256×256.</summary>
    public const string Photograph = "photo.jpg", Folder = "pictures";

    private const int SmallSide = 64, TileSide = 256, PhotoWidth = 4000, PhotoHeight = 3000, PhotoTile = 1000, Variants = 20;

    /// <param name="folder">Created where it is missing.</param>
    /// <param name="largeSide">Side of large.png in pixels.</param>
    public static void Write(string folder, int largeSide)
    {
        Directory.CreateDirectory(folder);
        WritePicture(Path.Combine(folder, "small.png"), SmallSide, SmallSide, TileSide);
        WritePicture(Path.Combine(folder, "large.png"), largeSide, largeSide, TileSide);
        using var backend = new HostBackend(1);
        foreach (var scale in (int[])[2, 3])
        {
            using var model = new Model(new SrcnnConfig(), scale, backend);
            model.Parameters.Initialize(1);
            new ModelFile(model.Network, scale, model.Save()).Save(Path.Combine(folder, $"model-x{scale}.safetensors"));
        }
    }

    /// <summary>Writes what <see cref="Flow"/> reads.</summary>
    /// <param name="count">Pictures in the folder.</param>
    public static void WriteFlow(string folder, int count)
    {
        var pictures = Path.Combine(folder, Folder);
        Directory.CreateDirectory(pictures);
        WritePicture(Path.Combine(folder, Photograph), PhotoWidth, PhotoHeight, PhotoTile);
        for (var i = 0; i < count; i++)
        {
            var path = Path.Combine(pictures, $"{i:D4}.png");
            if (i < Variants) WritePicture(path, TileSide, TileSide, TileSide, (ulong)i + 1);
            else File.Copy(Path.Combine(pictures, $"{i % Variants:D4}.png"), path, overwrite: true);
        }
    }

    // One generated tile again and again, row by row: a large picture needs little memory and time.
    private static void WritePicture(string path, int width, int height, int side, ulong seed = 1)
    {
        var tile = Array.ConvertAll(SyntheticImages.Generate(side, side, seed), v => (ushort)v);
        using var writer = ImageFile.Create(path, new ImageInfo(ImageFormats.FromExtension(path)!.Value, width, height, 3, 8, ImageMetadata.Empty));
        var row = new ushort[width * 3];
        for (var y = 0; y < height; y++)
        {
            var source = tile.AsSpan(y % side * side * 3, side * 3);
            for (var x = 0; x < row.Length; x += source.Length) source[..Math.Min(source.Length, row.Length - x)].CopyTo(row.AsSpan(x));
            writer.WriteRows(row);
        }
        writer.Complete();
    }
}
