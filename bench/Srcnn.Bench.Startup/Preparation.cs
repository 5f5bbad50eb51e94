using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Bench.Startup;

/// <summary>Writes what the measurements read: small.png (64×64), large.png and models with seeded weights for scales 2 and 3.</summary>
internal static class Preparation
{
    private const int SmallSide = 64, TileSide = 256;

    /// <param name="folder">Created where it is missing.</param>
    /// <param name="largeSide">Side of large.png in pixels.</param>
    public static void Write(string folder, int largeSide)
    {
        Directory.CreateDirectory(folder);
        WritePicture(Path.Combine(folder, "small.png"), SmallSide);
        WritePicture(Path.Combine(folder, "large.png"), largeSide);
        using var backend = new HostBackend(1);
        foreach (var scale in (int[])[2, 3])
        {
            using var model = new Model(new SrcnnConfig(), scale, backend);
            model.Parameters.Initialize(1);
            new ModelFile(model.Network, scale, model.Save()).Save(Path.Combine(folder, $"model-x{scale}.safetensors"));
        }
    }

    // One generated tile again and again, row by row: a large picture needs little memory and time.
    private static void WritePicture(string path, int side)
    {
        var tile = Array.ConvertAll(SyntheticImages.Generate(TileSide, TileSide, 1), v => (ushort)v);
        using var writer = ImageFile.Create(path, new ImageInfo(ImageFormat.Png, side, side, 3, 8, ImageMetadata.Empty));
        var row = new ushort[side * 3];
        for (var y = 0; y < side; y++)
        {
            var source = tile.AsSpan(y % TileSide * TileSide * 3, TileSide * 3);
            for (var x = 0; x < row.Length; x += source.Length) source[..Math.Min(source.Length, row.Length - x)].CopyTo(row.AsSpan(x));
            writer.WriteRows(row);
        }
        writer.Complete();
    }
}
