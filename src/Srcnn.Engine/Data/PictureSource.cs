using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Data;

/// <summary>How a file becomes a picture to train on.</summary>
/// <param name="Path">The original.</param>
/// <param name="LowPath">Its low resolution, where that is given; null makes it.</param>
/// <param name="Scale">The factor between them.</param>
/// <param name="Size">The original is shrunk to this size first: further pictures out of one. 1 leaves it.</param>
/// <param name="Channels">1 (luma) or 3 (RGB).</param>
/// <param name="Reads">What the network reads.</param>
internal sealed record PictureSource(string Path, string? LowPath, int Scale, double Size, int Channels, NetworkInput Reads)
{
    /// <summary>Decodes it.</summary>
    /// <param name="smallest">Least pixels on each side, cropped to a multiple of the scale.</param>
    /// <exception cref="ImageException">The picture is broken or too small, or its low resolution has another size.</exception>
    public TrainingPicture Read(int smallest)
    {
        var image = ImageFile.Read(Path);
        if (Size != 1) image = Bicubic.Resize(image, (int)Math.Ceiling(image.Width * Size), (int)Math.Ceiling(image.Height * Size));
        if (Math.Min(image.Width, image.Height) / Scale * Scale < smallest)
            throw new ImageException(Path, $"{image.Width}×{image.Height} pixels", $"at least {smallest}×{smallest}, a patch");
        var low = LowPath is null ? null : ImageFile.Read(LowPath);
        if (low is not null && (low.Width, low.Height) != (image.Width / Scale, image.Height / Scale))
            throw new ImageException(LowPath!, $"{low.Width}×{low.Height} pixels", $"{image.Width / Scale}×{image.Height / Scale}, 1/{Scale} of {Path}");
        return TrainingPicture.From(System.IO.Path.GetFileName(Path), image, Scale, Channels, Reads, low);
    }

    /// <summary>The picture without its values in memory: the file is read whenever they are asked for.</summary>
    public TrainingPicture OnDisk(TrainingPicture picture) => picture with { Pixels = () => Again(picture.Hash) };

    private PicturePair Again(UInt128 hash)
    {
        try
        {
            var now = Read(smallest: 0);
            return now.Hash == hash ? now.Pixels() : throw new DataException($"{Path}: is another picture than when the run began; expected data that stays as it is; put it back");
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{Path}: could be read when the run began and no longer ({e.Message}); expected data that stays as it is; put it back");
        }
    }
}
