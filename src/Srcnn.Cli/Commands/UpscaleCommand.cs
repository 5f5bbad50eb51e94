using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Imaging;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn upscale INPUT… [-o OUT]</c></summary>
internal static class UpscaleCommand
{
    public static Command Create(Session session)
    {
        var inputs = new Argument<string[]>("input") { Description = "Pictures, folders or patterns such as '*.png'.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--output", "-o") { Description = "File, or folder for several inputs. Default: NAME_x3.EXT beside the input." };
        var scale = new Option<int?>("--scale", "-s") { Description = "Factor; 6, 8 and 9 by two or three models. Default: the model's, or 3." };
        var model = new Option<string?>("--model", "-m") { Description = "Shipped model, model file, or bicubic. Default: the best shipped one for the scale." };
        var format = new Option<string?>("--format") { Description = "png, jpeg, webp, tiff or bmp. Default: that of the output's extension, or the input's." };
        var quality = new Option<int?>("--quality") { Description = "1 to 100 for JPEG (default 95) and WebP (default lossless)." };
        var tile = new Option<int>("--tile") { Description = "Side of a tile in pixels; 0 chooses. The result does not depend on it." };
        var maxPixels = new Option<long>("--max-pixels") { Description = "Largest input picture.", DefaultValueFactory = _ => ImageFile.DefaultMaxPixels };
        var ensemble = new Option<bool>("--self-ensemble") { Description = "Mean over eight flips and rotations: a little better, eight times slower, holds the whole picture." };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Also the folders in folders." };
        var skip = new Option<bool>("--skip-existing") { Description = "Leave finished outputs alone." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace existing files." };
        var compare = new Option<bool>("--compare") { Description = "Also write OUT_compare.png: nearest, bicubic and model side by side." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("upscale", "Enlarges pictures.") { inputs, output, scale, model, format, quality, ensemble, tile, maxPixels, recursive, skip, overwrite, compare, session.Algorithm, json };

        command.SetAction(parse =>
        {
            var settings = new UpscaleSettings(
                parse.GetValue(output), Format(parse.GetValue(format)), InRange("--quality", parse.GetValue(quality), 1, 100), parse.GetValue(maxPixels),
                parse.GetValue(recursive), parse.GetValue(skip), parse.GetValue(overwrite), parse.GetValue(compare));
            if (settings is { Skip: true, Overwrite: true }) throw new UsageException("--skip-existing and --overwrite exclude each other; expected one of them; leave one out");
            InRange("--tile", parse.GetValue(tile), 0, 1 << 16);
            if (settings.MaxPixels < 1) throw new UsageException($"--max-pixels is {settings.MaxPixels}; expected a positive number; correct it");
            var factor = InRange("--scale", parse.GetValue(scale), 1, 16);

            using var loaded = LoadedUpscaler.Load(session, parse, parse.GetValue(model), factor, parse.GetValue(tile), parse.GetValue(ensemble));
            var jobs = UpscaleJobs.Plan(parse.GetValue(inputs)!, settings, loaded.Upscaler.Scale);
            return new UpscaleBatch(session, loaded.Upscaler, settings, parse.GetValue(json)).Run(jobs);
        });
        return command;
    }

    internal static int? InRange(string option, int? value, int least, int most) =>
        value is null || (value >= least && value <= most)
            ? value
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; expected {least} to {most}; correct it"));

    private static ImageFormat? Format(string? name)
    {
        if (name is null) return null;
        return ImageFormats.FromExtension("." + name.TrimStart('.')) ?? throw new UsageException($"--format is '{name}'; expected png, jpeg, webp, tiff or bmp; correct it");
    }
}

/// <summary>What the options of <c>upscale</c> say about files.</summary>
internal sealed record UpscaleSettings(
    string? Output, ImageFormat? Format, int? Quality, long MaxPixels, bool Recursive, bool Skip, bool Overwrite, bool Compare);
