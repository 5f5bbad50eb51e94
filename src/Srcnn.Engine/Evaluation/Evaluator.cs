using System.Diagnostics;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Engine.Evaluation;

/// <summary>Scores upscalers, or pictures that another tool enlarged, by one protocol (see <see cref="Protocol"/>).</summary>
public static class Evaluator
{
    /// <summary>Scores <paramref name="upscaler"/> on every picture of <paramref name="folder"/>.</summary>
    /// <param name="model">What the user calls it.</param>
    /// <param name="scored">Told of each picture as it is done.</param>
    /// <exception cref="DataException">The folder has no pictures, or some are broken or too small; the message names each.</exception>
    public static Evaluation Run(
        Upscaler upscaler, string model, string folder, Protocol protocol = Protocol.Y,
        Action<PictureScore>? scored = null, CancellationToken stop = default)
    {
        var files = PictureFolder.Files(folder);
        CheckAll(files, folder, file => TestPicture.Check(file, ImageFile.ProbeOne(file), upscaler.Scale));
        upscaler.WarmUp(); // the first picture's time is not the compiler's
        var pictures = ScoreAll(files, folder, Score, scored, stop);
        return new Evaluation(model, upscaler.Cost is null ? null : upscaler.Name, upscaler.Scale, protocol, upscaler.Device, NameOf(folder), pictures, upscaler.Cost);

        PictureScore Score(string file)
        {
            var picture = new TestPicture(file, ImageFile.Read(file), upscaler.Scale, protocol);
            var low = picture.Low(upscaler.Channels);
            var clock = Stopwatch.StartNew();
            var enlarged = upscaler.Upscale(low);
            var elapsed = clock.Elapsed.TotalMilliseconds;
            return new PictureScore(Path.GetFileName(file), picture.Width, picture.Height, picture.Score(TestPicture.LumaOf(enlarged)), picture.Bicubic(), elapsed);
        }
    }

    /// <summary>Scores pictures made elsewhere against the originals of the same names; extensions may differ.</summary>
    /// <exception cref="DataException">As for <see cref="Run"/>, or a picture has no counterpart or another size.</exception>
    public static Evaluation Compare(
        string enlargedFolder, string originalFolder, int scale, Protocol protocol = Protocol.Y, Action<PictureScore>? scored = null, CancellationToken stop = default)
    {
        var enlarged = PictureFolder.Files(enlargedFolder).ToLookup(Path.GetFileNameWithoutExtension);
        var originals = PictureFolder.Files(originalFolder);
        CheckAll(originals, originalFolder, file =>
        {
            Counterpart(file);
            TestPicture.Check(file, ImageFile.ProbeOne(file), scale);
        });
        var pictures = ScoreAll(originals, originalFolder, Score, scored, stop);
        return new Evaluation(NameOf(enlargedFolder), null, scale, protocol, null, NameOf(originalFolder), pictures);

        PictureScore Score(string file)
        {
            var result = Counterpart(file);
            var picture = new TestPicture(file, ImageFile.Read(file), scale, protocol);
            var image = ImageFile.Read(result);
            // Some tools crop to a multiple of the scale, others fill up to the size of the original.
            if (image.Width < picture.Width || image.Height < picture.Height || image.Width - picture.Width >= scale || image.Height - picture.Height >= scale)
                throw new ImageException(result, $"{image.Width}×{image.Height} pixels", $"{picture.Width}×{picture.Height}, its original cropped to a multiple of {scale}");
            return new PictureScore(Path.GetFileName(file), picture.Width, picture.Height, picture.Score(Cut(Luma.Rounded(image), picture.Width, picture.Height)), picture.Bicubic(), null);
        }

        string Counterpart(string file)
        {
            var stem = Path.GetFileNameWithoutExtension(file);
            return enlarged[stem].FirstOrDefault()
                ?? throw new ImageException(file, $"no picture of its name in {enlargedFolder}", $"'{stem}' with any extension");
        }
    }

    /// <summary>Scores one picture in memory.</summary>
    /// <exception cref="ImageException">The picture is too small to be scored.</exception>
    public static Score Score(Upscaler upscaler, Image original, Protocol protocol = Protocol.Y)
    {
        var picture = new TestPicture("picture", original, upscaler.Scale, protocol);
        return picture.Score(TestPicture.LumaOf(upscaler.Upscale(picture.Low(upscaler.Channels))));
    }

    /// <summary>What the headers tell is found before the first picture is enlarged.</summary>
    private static void CheckAll(IReadOnlyList<string> files, string folder, Action<string> check) => ForAll(files, folder, check, default);

    private static List<PictureScore> ScoreAll(
        IReadOnlyList<string> files, string folder, Func<string, PictureScore> score, Action<PictureScore>? scored, CancellationToken stop)
    {
        List<PictureScore> pictures = [];
        ForAll(
            files, folder,
            file =>
            {
                pictures.Add(score(file));
                scored?.Invoke(pictures[^1]);
            },
            stop);
        return pictures;
    }

    /// <summary>Goes through all files, and names at the end all that were of no use.</summary>
    private static void ForAll(IReadOnlyList<string> files, string folder, Action<string> work, CancellationToken stop)
    {
        List<string> wrong = [];
        foreach (var file in files)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                work(file);
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                wrong.Add(e is ImageException ? e.Message : $"{file}: {e.Message}");
            }
        }
        if (wrong.Count > 0)
        {
            throw new DataException(
                $"{wrong.Count} of {files.Count} pictures of {folder} cannot be scored ({string.Join(" | ", wrong)}); "
                + "a mean over the rest would mislead; repair or remove them");
        }
    }

    private static Plane Cut(Plane plane, int width, int height)
    {
        if ((plane.Width, plane.Height) == (width, height)) return plane;
        var cut = new Plane(width, height);
        for (var y = 0; y < height; y++) plane.Row(y)[..width].CopyTo(cut.Row(y));
        return cut;
    }

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
}
