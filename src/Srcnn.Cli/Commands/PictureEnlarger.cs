using System.Diagnostics;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Reports;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Cli.Commands;

/// <summary>What became of one input. A size is that of the output.</summary>
/// <param name="Status">"done", "skipped" or "failed".</param>
internal sealed record UpscaleResult(string Input, string? Output, string Status, int? Width = null, int? Height = null, double? Ms = null, string? Error = null);

/// <summary>Enlarges one picture from file to file, as the options say. Any number of threads may do so at once, each with a shelf of its own.</summary>
/// <param name="terminal">For a picture that comes from standard input.</param>
/// <param name="report">Told of every picture; null where no page is wanted.</param>
/// <param name="measured">Told the figures of a sheet that has some.</param>
/// <param name="warn">Told what is left out.</param>
/// <param name="stop">Looked at between bands; no output is left then.</param>
internal sealed class PictureEnlarger(
    UpscaleSettings settings, Terminal terminal, UpscaleReport? report, Action<string> measured, Action<string> warn, CancellationToken stop)
{
    /// <param name="number">Of the picture in the run.</param>
    /// <param name="output">Where the result goes.</param>
    public UpscaleResult Enlarge(UpscalerShelf shelf, int number, string input, string output, IProgress<double> progress)
    {
        var sheet = UpscaleJobs.SheetOf(output);
        if (!settings.Overwrite)
        {
            if (settings.Skip && File.Exists(output)) return new UpscaleResult(input, output, "skipped");
            if (File.Exists(output)) throw new IOException(OutputExistsException.WithSkip(output));
            if (settings.Compare && File.Exists(sheet)) throw new IOException(OutputExistsException.WithSkip(sheet));
        }
        if (Directory.Exists(output)) throw new IOException($"{output} is a folder; expected a file to write; choose another output");
        using var source = InputFile.Open(input, terminal, stop);
        try
        {
            return Enlarge(shelf, number, input, source, output, sheet, progress);
        }
        catch (Exception e) when (e is ImageException or InputException && source.Named(e.Message) is var message && message != e.Message)
        {
            throw new InputException(message);
        }
    }

    private UpscaleResult Enlarge(UpscalerShelf shelf, int number, string input, InputFile file, string output, string sheet, IProgress<double> progress)
    {
        var source = file.Path;
        var pages = settings.Reading.Page is { } one ? [one] : Inputs.Read(source, path => ImageFile.Pages(path, Tell));
        if (pages.Count > 1 && (settings.Compare || settings.Report is not null))
            throw new UsageException($"{input} has {pages.Count} pages; --compare and --report show one; give --page N");
        using var picture = Open(pages[0], Tell);
        List<Plan> plans = [PlanOf(picture.Info)];
        for (var p = 1; p < pages.Count; p++)
        {
            using var header = Open(pages[p], warn: null);
            plans.Add(PlanOf(header.Info));
        }
        var info = plans[0].Output;
        if (info is { Format: ImageFormat.Jpeg, HasAlpha: true })
            throw new ImageException(output, "a picture with alpha for a JPEG file", "PNG, WebP or TIFF, which keep it; give --background white, or another colour, to lay it on");
        if (info.Metadata.LostIn(info.Format) is { Count: > 0 } lost)
            warn($"{input}: {info.Format.Name()} has no place for its {string.Join(", ", lost)}; the rest is kept; write another format to keep all");
        // Before the work: an impossible place is found at once.
        if (Path.GetDirectoryName(output) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        // Also before it: the output may take the input's place.
        var before = report?.Shows(info) == true ? Whole(pages[0]) : null;
        var clock = Stopwatch.StartNew();
        if (settings.Compare) WithSheet(shelf, plans[0].Upscaler, picture, info, input, output, sheet, progress);
        else
        {
            using var writer = ImageFile.Create(output, [.. plans.Select(plan => plan.Output)], settings.Quality);
            for (var p = 0; p < pages.Count; p++)
            {
                using var current = p == 0 ? picture : Open(pages[p], Tell);
                using var wide = settings.Wrap == Wrap.None ? null : new WrappingReader(current, plans[p].Upscaler.Reach, settings.Wrap == Wrap.Around);
                using var rows = plans[p].Rows(writer, wide?.Info);
                plans[p].Upscaler.Upscale(wide ?? current, rows, pages.Count > 1 ? new PartProgress(progress, p, pages.Count) : progress, stop);
                current.Dispose(); // the output may take its place
                rows.Complete();
            }
            writer.Complete();
        }
        var done = new UpscaleResult(input, output, "done", info.Width, info.Height, Math.Round(clock.Elapsed.TotalMilliseconds, 1));
        if (before is not null) report!.Add(number, input, before, ImageFile.Read(output), plans[0].Upscaler.Name);
        return done;

        // What is said of a temporary file is said of what was read into it.
        void Tell(string what) => warn(file.Named(what));

        Image Whole(int? page)
        {
            using var reader = Open(page, warn: null);
            return ImageFile.ReadAll(reader);
        }

        IImageReader Open(int? page, Action<string>? warn)
        {
            var rows = new InputPicture(source, settings.Reading with { Page = page, Warn = warn });
            return settings.Background is { } color && rows.Info.HasAlpha ? new FlatteningReader(rows, color.Red, color.Green, color.Blue) : rows;
        }

        Plan PlanOf(ImageInfo page)
        {
            var target = settings.Target?.For(page.Width, page.Height);
            var upscaler = shelf.For(settings.Model, target is { } wanted ? UpscalerShelf.ScaleFor(settings.Model, Times(wanted, page)) : settings.Scale);
            var enlarged = upscaler.Enlarged(page, input) with { Format = settings.Format ?? ImageFormats.FromExtension(output) ?? page.Format };
            return new Plan(upscaler, enlarged, target is { } size ? enlarged with { Width = size.Width, Height = size.Height } : enlarged);
        }
    }

    /// <summary>What becomes of a page.</summary>
    /// <param name="Enlarged">By the model.</param>
    /// <param name="Output">As it is written, perhaps smaller.</param>
    private sealed record Plan(Upscaler Upscaler, ImageInfo Enlarged, ImageInfo Output)
    {
        /// <summary>Takes the enlarged rows.</summary>
        /// <param name="wide">The page with what lies at its other side around it, if it is enlarged so.</param>
        public IImageWriter Rows(PictureWriter writer, ImageInfo? wide)
        {
            var page = writer.Next(Output);
            if (wide is null) return Output == Enlarged ? page : new ResizingWriter(page, Enlarged, Output.Width, Output.Height);
            var made = Upscaler.Enlarged(wide);
            return new CroppingWriter(page, made, (made.Width - Output.Width) / 2, (made.Height - Output.Height) / 2);
        }
    }

    /// <summary>The whole factor that enlarges a picture at least to the size wanted.</summary>
    private static int Times((int Width, int Height) wanted, ImageInfo info) =>
        (int)Math.Ceiling(Math.Max((double)wanted.Width / info.Width, (double)wanted.Height / info.Height));

    /// <summary>A sheet shows pictures side by side, so they are all in memory. The first model makes the output.</summary>
    private void WithSheet(UpscalerShelf shelf, Upscaler first, IImageReader picture, ImageInfo info, string input, string output, string sheet, IProgress<double> progress)
    {
        string?[] models = settings.Models.Count == 0 ? [null] : [.. settings.Models.Distinct()];
        var upscalers = Array.ConvertAll(models, model => model == settings.Model ? first : shelf.For(model, first.Scale));
        const int Others = 3; // nearest, bicubic, original
        if (ComparisonSheet.Samples(info, models.Length + Others) > Array.MaxLength)
            throw new ImageException(output, $"{models.Length + Others} times {info.Width}×{info.Height} pixels beside each other", $"at most {Array.MaxLength} samples; leave out --compare");
        var original = settings.Originals?.Read(input, info, first.Scale);
        var small = ImageFile.ReadAll(picture);
        var pictures = upscalers.Select((upscaler, i) => (Name: models[i] ?? upscaler.Name, Picture: upscaler.Upscale(small, new PartProgress(progress, i, models.Length), stop))).ToList();
        var comparison = new ComparisonSheet(small, [.. pictures.Where(p => p.Name != Upscaler.BicubicName)], first.Scale, original);
        ImageFile.Write(output, pictures[0].Picture, info.Format, settings.Quality);
        ImageFile.Write(sheet, comparison.Draw());
        if (original is not null) measured($"{sheet}: {string.Join(", ", comparison.Panels.SkipLast(1).Select(p => p.Caption))} on luma");
    }
}
