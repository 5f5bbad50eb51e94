using System.Diagnostics;
using System.Globalization;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Reports;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Cli.Commands;

/// <summary>Enlarges one picture after the other; one that fails does not stop the rest.</summary>
internal sealed class UpscaleBatch(Session session, UpscalerShelf shelf, UpscaleSettings settings, bool json)
{
    private sealed record Result(string Input, string? Output, string Status, int? Width = null, int? Height = null, double? Ms = null, string? Error = null);

    private readonly UpscaleReport? report = settings.Report is null ? null : new();

    /// <summary>Returns the exit code: that of the failure for one input, "some failed" for several.</summary>
    public int Run(IReadOnlyList<UpscaleJob> jobs)
    {
        List<Result> results = [];
        var clock = Stopwatch.StartNew();
        var code = ExitCode.Done;
        foreach (var job in jobs)
        {
            if (session.Stop.IsCancellationRequested) break;
            try
            {
                if (job.Error is not null) throw job.Error;
                results.Add(Upscale(job.Input, job.Output!));
                Print(results[^1], results.Count, jobs.Count, clock.Elapsed / Math.Max(1, results.Count(r => r.Status == "done")));
            }
            catch (Exception e) when (Failure.Of(e) is { Code: not (ExitCode.Internal or ExitCode.Interrupted) } failure)
            {
                session.PrintError(failure);
                results.Add(new Result(job.Input, job.Output, "failed", Error: failure.Message));
                code = jobs.Count == 1 ? failure.Code : ExitCode.Partial;
            }
        }
        var failed = results.Count(r => r.Status == "failed");
        if (json) session.PrintJson(new { results, failed });
        else if (jobs.Count > 1) session.Log($"{results.Count(r => r.Status == "done")} done, {results.Count(r => r.Status == "skipped")} skipped, {failed} failed");
        if (settings.Report is { } page)
        {
            report!.Save(page, [.. results.Select(r => (r.Input, r.Status, r.Error ?? r.Output!))]);
            session.Log($"report written to {page}");
        }
        session.Stop.ThrowIfCancellationRequested();
        return code;
    }

    private Result Upscale(string input, string output)
    {
        var sheet = Path.Combine(Path.GetDirectoryName(output) ?? "", Path.GetFileNameWithoutExtension(output) + "_compare.png");
        if (!settings.Overwrite)
        {
            if (settings.Skip && File.Exists(output)) return new Result(input, output, "skipped");
            if (File.Exists(output)) throw new IOException(OutputExistsException.WithSkip(output));
            if (settings.Compare && File.Exists(sheet)) throw new IOException(OutputExistsException.WithSkip(sheet));
        }
        if (Directory.Exists(output)) throw new IOException($"{output} is a folder; expected a file to write; choose another output");
        using var picture = new InputPicture(input, settings.MaxPixels);
        var target = settings.Target?.For(picture.Info.Width, picture.Info.Height);
        var upscaler = shelf.For(settings.Model, target is { } wanted ? UpscalerShelf.ScaleFor(settings.Model, Times(wanted, picture.Info)) : settings.Scale);
        var enlarged = upscaler.Enlarged(picture.Info, input) with { Format = settings.Format ?? ImageFormats.FromExtension(output) ?? picture.Info.Format };
        var info = target is { } size ? enlarged with { Width = size.Width, Height = size.Height } : enlarged;
        // Before the work: an impossible place is found at once.
        if (Path.GetDirectoryName(output) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        // Also before it: the output may take the input's place.
        var before = report?.Shows(info) == true ? ImageFile.Read(input, settings.MaxPixels) : null;
        var clock = Stopwatch.StartNew();
        if (settings.Compare) WithSheet(upscaler, picture, info, output, sheet);
        else
        {
            using var progress = new PictureProgress(session.Terminal);
            using var writer = Writer();
            upscaler.Upscale(picture, writer, progress, session.Stop);
            picture.Dispose(); // the output may take its place
            writer.Complete();
        }
        var done = new Result(input, output, "done", info.Width, info.Height, Math.Round(clock.Elapsed.TotalMilliseconds, 1));
        if (before is not null) report!.Add(input, before, ImageFile.Read(output), upscaler.Name);
        return done;

        IImageWriter Writer()
        {
            var file = ImageFile.Create(output, info, settings.Quality);
            return info == enlarged ? file : new ResizingWriter(file, enlarged, info.Width, info.Height);
        }
    }

    /// <summary>The whole factor that enlarges a picture at least to the size wanted.</summary>
    private static int Times((int Width, int Height) wanted, ImageInfo info) =>
        (int)Math.Ceiling(Math.Max((double)wanted.Width / info.Width, (double)wanted.Height / info.Height));

    /// <summary>A sheet shows pictures side by side, so they are all in memory.</summary>
    private void WithSheet(Upscaler upscaler, InputPicture picture, ImageInfo info, string output, string sheet)
    {
        if (ComparisonSheet.Samples(info) > Array.MaxLength)
            throw new ImageException(output, $"{info.Width}×{info.Height} pixels beside each other", $"at most {Array.MaxLength} samples; leave out --compare");
        var input = ImageFile.ReadAll(picture);
        var enlarged = upscaler.Upscale(input);
        ImageFile.Write(output, enlarged, info.Format, settings.Quality);
        ImageFile.Write(sheet, ComparisonSheet.Create(input, enlarged, upscaler.Scale));
    }

    private void Print(Result result, int number, int count, TimeSpan each)
    {
        if (json || settings.IsPiped) return;
        var progress = number < count ? string.Create(CultureInfo.InvariantCulture, $"[{number}/{count}, {each * (count - number):h\\:mm\\:ss} left] ") : count > 1 ? $"[{number}/{count}] " : "";
        session.Terminal.Output.WriteLine(Failure.OneLine(result.Status == "skipped"
            ? $"{progress}{result.Output} exists, skipped"
            : string.Create(CultureInfo.InvariantCulture, $"{progress}{result.Input} -> {result.Output} ({result.Width}×{result.Height}, {result.Ms:F0} ms)")));
    }
}
