using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn upscale INPUT… [-o OUT]</c></summary>
internal static class UpscaleCommand
{
    public static Command Create(Session session)
    {
        var inputs = new Argument<string[]>("input") { Description = "Pictures, folders or patterns such as '*.png'; '-' is standard input, and pipes are read as it is.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--output", "-o") { Description = "File, folder for several inputs, or '-' for standard output. Default: NAME_x3.EXT beside the input; standard output for standard input." };
        var name = new Option<string?>("--name") { Description = "Names of the outputs; the extension is added. Default: '{name}_{size}' beside the input, '{name}' in a folder." };
        var scale = new Option<double?>("--scale", "-s") { Description = "Factor, 1 to 16. What no model makes, such as 1.5 or 5, is made by the next larger one and shrunk. Default: the model's, or 3." };
        var model = new Option<string[]>("--model", "-m") { Description = "Shipped model, model file, or bicubic. fast, good and best are the default family for the scale. Default: good. Given several times, with --compare: the first makes the output, all are on the sheet." };
        var format = new Option<string?>("--format") { Description = "png, jpeg, webp, tiff, bmp, ppm or tga. Default: that of the output's extension, or the input's." };
        var quality = new Option<int?>("--quality") { Description = "1 to 100 for JPEG (default 95) and WebP (default lossless)." };
        var tile = new Option<int>("--tile") { Description = "Side of a tile in pixels; 0 chooses. The result does not depend on it." };
        var maxPixels = new Option<long>("--max-pixels") { Description = "Largest input picture.", DefaultValueFactory = _ => ImageFile.DefaultMaxPixels };
        var strict = new Option<bool>("--strict") { Description = "Refuse also a file that lacks nothing but its end marker, or has bytes behind it." };
        var damaged = new Option<string>("--damaged") { Description = "refuse (default) damaged pictures, or accept what can be decoded of them.", DefaultValueFactory = _ => "refuse" };
        var pageNumber = new Option<int?>("--page") { Description = "One page of a TIFF, or frame of an animation, from 1. Default: all pages of a TIFF into a TIFF; animations are refused." };
        var size = new Option<string?>("--size") { Description = "Width and height to fit into, such as 3840x2160, instead of a factor; proportions stay." };
        var megapixels = new Option<double?>("--megapixels") { Description = "Size of the result in millions of pixels, instead of a factor." };
        var background = new Option<string?>("--background") { Description = "Colour to lay pictures with alpha on, such as white or '#20a0ff'; the result has no alpha, as JPEG needs it." };
        var wrap = new Option<bool>("--wrap") { Description = "Edges go on at the other side: for seamless textures. Holds the whole picture." };
        var wrapX = new Option<bool>("--wrap-x") { Description = "Left and right edge go on at the other side: for panoramas." };
        var shard = new Option<string?>("--shard") { Description = "I/N: only every N-th picture, from the I-th on, for N machines that share a list." };
        var ensemble = new Option<bool>("--self-ensemble") { Description = "Mean over eight flips and rotations: a little better, eight times slower, holds the whole picture." };
        var atOnce = new Option<int?>("--jobs", "-j") { Description = "Pictures to work on at once. Default: one per core; a few on a GPU, 1 where whole pictures are held. The results do not depend on it." };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Also the folders in folders." };
        var skip = new Option<bool>("--skip-existing") { Description = "Leave finished outputs alone." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace existing files." };
        var compare = new Option<bool>("--compare") { Description = "Also write OUT_compare.png: nearest, bicubic and every model side by side." };
        var reference = new Option<string?>("--reference") { Description = "The original of the picture, or a folder of originals of the same names; with --compare: on the sheet, and PSNR against it." };
        var report = new Option<string?>("--report") { Description = "Also write a web page with a slider between bicubic and model for every picture." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("upscale", "Enlarges pictures.") { inputs, output, name, scale, size, megapixels, model, format, quality, background, wrap, wrapX, ensemble, tile, maxPixels, strict, damaged, pageNumber, recursive, atOnce, shard, skip, overwrite, compare, reference, report, session.Algorithm, session.ProfileFile, json };

        command.SetAction(parse =>
        {
            var named = parse.GetValue(inputs)!;
            var settings = new UpscaleSettings(
                parse.GetValue(output) ?? (named is [var only] && InputFile.IsStream(only) ? PipedPicture.Name : null), NameTemplate.Parse(parse.GetValue(name)), Format(parse.GetValue(format)), InRange("--quality", parse.GetValue(quality), 1, 100), Reading(parse.GetValue(maxPixels), parse.GetValue(strict), parse.GetValue(damaged), InRange("--page", parse.GetValue(pageNumber), 1, int.MaxValue)),
                parse.GetValue(recursive), parse.GetValue(skip), parse.GetValue(overwrite), parse.GetValue(compare), Originals.Of(parse.GetValue(reference)), parse.GetValue(report),
                parse.GetValue(model) ?? [], null, TargetSize.Of(parse.GetValue(size), parse.GetValue(megapixels), parse.GetValue(scale)),
                parse.GetValue(ensemble), InRange("--jobs", parse.GetValue(atOnce), 1, 256), parse.GetValue(background) is { } color ? BackgroundColor.Of(color) : null,
                parse.GetValue(wrap) ? Wrap.Around : parse.GetValue(wrapX) ? Wrap.Sideways : Wrap.None);
            if (InRange("--scale", parse.GetValue(scale), 1, ModelChain.MostScale) is { } factor)
                settings = IsMade(settings.Model, factor) ? settings with { Scale = (int)factor } : settings with { Target = TargetSize.Of(factor) };
            if (settings is { Skip: true, Overwrite: true }) throw new UsageException("--skip-existing and --overwrite exclude each other; expected one of them; leave one out");
            InRange("--tile", parse.GetValue(tile), 0, 1 << 16);
            if (settings is { Compare: false, Models.Count: > 1 }) throw new UsageException($"{settings.Models.Count} models are named; expected one, or --compare to see all; leave out the others, or add --compare");
            if (settings is { Compare: false, Originals: not null }) throw new UsageException("--reference is what --compare shows and measures against; expected both; add --compare");
            if (settings is { Target: not null, Compare: true }) throw new UsageException("--compare shows factors that the models make; expected one beside it; give such a --scale, without --size and --megapixels");
            if (settings.Wrap != Wrap.None && (settings.Target is not null || settings.Compare))
                throw new UsageException("--wrap and --wrap-x go with a factor that the models make, and without --compare; expected such a --scale; leave out the others");
            if (named.Length > 1 && named.Contains(InputFile.StandardInput))
                throw new UsageException("standard input '-' is one of several inputs; expected it alone; name the others in a run of their own, or a file '-' as './-'");
            if (settings.IsPiped)
            {
                if (parse.GetValue(json) || settings is { Compare: true } or { Report: not null }) throw new UsageException("standard output takes the picture; expected nothing beside it; leave out --json, --compare and --report, or give -o FILE");
                if (named.Length > 1) throw new UsageException($"{named.Length} inputs have one standard output; expected one input; give -o FOLDER");
                _ = session.Terminal.Binary; // before the work: a screen is found at once
            }
            if (settings.Report is { } page) ReportPlace.Check(page, settings.Overwrite);
            var profile = ProfileReport.Of(session, parse.GetValue(session.ProfileFile), settings.Overwrite);
            session.Profile = profile?.Profile;
            var (part, parts) = Shard(parse.GetValue(shard));

            using var shelf = new UpscalerShelf(session, parse, parse.GetValue(tile), settings.Ensemble);
            using var pipe = new PipedPicture(session.Terminal, session.Stop);
            if (settings.Target is null)
            {
                shelf.Expect(settings.Model, settings.Scale);
                Inputs.Expect(named[0]);
            }
            var batch = new UpscaleBatch(session, shelf, settings, parse.GetValue(json));
            if (settings.IsPiped)
            {
                var code = Run([new UpscaleJob(named[0], pipe.Output)]);
                if (code == ExitCode.Done) pipe.Give();
                return code;
            }
            var jobs = UpscaleJobs.Plan(named, settings, input => settings.Target?.NameFor(input) ?? TargetSize.SizeOf(shelf.For(settings.Model, settings.Scale).Scale), session.Log);
            if (jobs.Count > 1 && settings.Originals is { IsFile: true }) throw new UsageException($"--reference is one file for {jobs.Count} pictures; expected a folder of originals of their names; give one");
            return Run([.. jobs.Where((_, index) => index % parts == part - 1)]);

            int Run(IReadOnlyList<UpscaleJob> jobs)
            {
                var code = batch.Run(jobs);
                profile?.Finish(shelf.Device ?? "host", parse.GetValue(session.Threads));
                return code;
            }
        });
        return command;
    }

    /// <summary>Whether models make a factor by themselves. A model that is named makes its own whole factors or refuses.</summary>
    private static bool IsMade(string? model, double factor) =>
        factor == Math.Floor(factor) && ((model is not null && !ModelCatalog.IsSize(model)) || factor == 1 || ModelCatalog.Makes((int)factor, model ?? ModelCatalog.DefaultSize));

    internal static int? InRange(string option, int? value, int least, int most) => (int?)InRange(option, (double?)value, least, most);

    private static double? InRange(string option, double? value, int least, int most) =>
        value is null || (value >= least && value <= most)
            ? value
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; expected {least} to {most}; correct it"));

    private static (int Part, int Parts) Shard(string? shard)
    {
        if (shard is null) return (1, 1);
        var numbers = shard.Split('/');
        return numbers.Length == 2 && int.TryParse(numbers[0], CultureInfo.InvariantCulture, out var part) && int.TryParse(numbers[1], CultureInfo.InvariantCulture, out var parts) && part >= 1 && part <= parts
            ? (part, parts)
            : throw new UsageException($"--shard is '{shard}'; expected I/N such as 2/8; correct it");
    }

    private static ReadingOptions Reading(long maxPixels, bool strict, string? damaged, int? page)
    {
        if (maxPixels < 1) throw new UsageException($"--max-pixels is {maxPixels}; expected a positive number; correct it");
        if (damaged is not ("refuse" or "accept")) throw new UsageException($"--damaged is '{damaged}'; expected refuse or accept; correct it");
        if (strict && damaged == "accept") throw new UsageException("--strict and --damaged accept contradict each other; expected one of them; leave one out");
        return new ReadingOptions { MaxPixels = maxPixels, IsStrict = strict, AcceptsDamage = damaged == "accept", Page = page };
    }

    private static ImageFormat? Format(string? name)
    {
        if (name is null) return null;
        return ImageFormats.FromExtension("." + name.TrimStart('.')) ?? throw new UsageException($"--format is '{name}'; expected png, jpeg, webp, tiff, bmp, ppm or tga; correct it");
    }
}

/// <summary>What the options of <c>upscale</c> say about files and sizes.</summary>
internal sealed record UpscaleSettings(
    string? Output, NameTemplate? Name, ImageFormat? Format, int? Quality, ReadingOptions Reading, bool Recursive, bool Skip, bool Overwrite, bool Compare, Originals? Originals, string? Report,
    IReadOnlyList<string> Models, int? Scale, TargetSize? Target, bool Ensemble, int? Jobs, BackgroundColor? Background, Wrap Wrap)
{
    /// <summary>The model that makes the output; null for the default.</summary>
    public string? Model => Models is [var first, ..] ? first : null;

    /// <summary>Whether whole pictures are in memory.</summary>
    public bool HoldsPictures => Ensemble || Compare || Report is not null || Wrap == Wrap.Around;

    /// <summary>Whether the picture goes to standard output.</summary>
    public bool IsPiped => Output == PipedPicture.Name;
}

/// <summary>Where a picture goes on beyond its edges.</summary>
internal enum Wrap
{
    None,

    /// <summary>At the other side, left and right.</summary>
    Sideways,

    /// <summary>Also above and below.</summary>
    Around,
}
