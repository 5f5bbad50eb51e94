using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Reports;
using Srcnn.Engine.Training;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary>Reads a run folder for a report.</summary>
internal static class RunSamples
{
    private const int SampleCount = 3, SampleSide = 480;

    /// <summary>The run as it lies in its folder, with a few validation pictures as bicubic and as its model enlarge them.</summary>
    public static ReportedRun Read(string run, TrainingConfig config, IBackend backend)
    {
        var folder = new RunFolder(run);
        var model = File.Exists(folder.ModelPath) ? ModelFile.Load(folder.ModelPath) : null;
        return new ReportedRun(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run))), config, folder.ReadLog(), model, model is null ? [] : Samples(config, model, backend));
    }

    private static List<(string Name, Image Bicubic, Image Model)> Samples(TrainingConfig config, ModelFile file, IBackend backend)
    {
        using var network = Upscaler.Open(file, new UpscalerOptions { Scale = config.Scale, Backend = backend });
        using var bicubic = Upscaler.Bicubic(config.Scale);
        List<(string, Image, Image)> samples = [];
        foreach (var (name, picture) in Originals(config))
        {
            var low = Degradation.LowResolution8(picture, config.Scale);
            samples.Add((name, bicubic.Upscale(low), network.Upscale(low)));
        }
        return samples;
    }

    private static IEnumerable<(string Name, Image Picture)> Originals(TrainingConfig config)
    {
        var own = config.Val.Count > 0;
        var folders = own ? config.Val : config.Data;
        if (!folders.All(Directory.Exists) || folders.Count == 0)
        {
            // Far from the numbers of the training pictures.
            for (var i = 0; i < SampleCount; i++) yield return ($"generated {i}", SyntheticImages.Picture(SampleSide / 2, SampleSide / 2, config.Seed, (1 << 20) + i));
            yield break;
        }
        var files = folders.SelectMany(f => PictureFolder.Files(f, config.Recursive));
        foreach (var file in files.Where((_, i) => own || TrainingSet.IsHeldOut(i)).Take(SampleCount))
        {
            Image picture;
            try
            {
                picture = ImageFile.Read(file);
            }
            catch (ImageException)
            {
                continue; // training has warned of it
            }
            yield return (Path.GetFileName(file), Crop(picture));
        }
    }

    private static Image Crop(Image image)
    {
        var (width, height) = (Math.Min(image.Width, SampleSide), Math.Min(image.Height, SampleSide));
        var crop = new Image(width, height, image.Channels, image.BitDepth);
        for (var y = 0; y < height; y++) image.Row(y)[..(width * image.Channels)].CopyTo(crop.Row(y));
        return crop;
    }
}
