using System.Diagnostics;
using System.Globalization;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Cli.Commands;

/// <summary>Enlarges one picture after the other; one that fails does not stop the rest.</summary>
internal sealed class UpscaleBatch(Session session, IUpscaler upscaler, UpscaleSettings settings, bool json)
{
    private sealed record Result(string Input, string? Output, string Status, int? Width = null, int? Height = null, double? Ms = null, string? Error = null);

    /// <summary>Returns the exit code: that of the failure for one input, "some failed" for several.</summary>
    public int Run(IReadOnlyList<UpscaleJob> jobs)
    {
        List<Result> results = [];
        var code = ExitCode.Done;
        foreach (var job in jobs)
        {
            if (session.Stop.IsCancellationRequested) break;
            try
            {
                if (job.Error is not null) throw job.Error;
                results.Add(Upscale(job.Input, job.Output!));
                Print(results[^1], results.Count, jobs.Count);
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
        var picture = Inputs.Read(input, path => ImageFile.Read(path, settings.MaxPixels));
        if ((long)picture.Width * picture.Height * upscaler.Scale * upscaler.Scale * picture.Channels > Array.MaxLength)
            throw new ImageException(input, $"{picture.Width}×{picture.Height} pixels, enlarged {upscaler.Scale} times", $"a result of at most {Array.MaxLength} samples; cut the picture into parts");

        // Before the work: an impossible place is found at once.
        if (Path.GetDirectoryName(output) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        var clock = Stopwatch.StartNew();
        var enlarged = upscaler.Upscale(picture);
        var elapsed = Math.Round(clock.Elapsed.TotalMilliseconds, 1);
        ImageFile.Write(output, enlarged, settings.Format, settings.Quality);
        if (settings.Compare) ImageFile.Write(sheet, ComparisonSheet.Create(picture, enlarged, upscaler.Scale));
        return new Result(input, output, "done", enlarged.Width, enlarged.Height, elapsed);
    }

    private void Print(Result result, int number, int count)
    {
        if (json) return;
        var progress = count > 1 ? $"[{number}/{count}] " : "";
        session.Terminal.Output.WriteLine(Failure.OneLine(result.Status == "skipped"
            ? $"{progress}{result.Output} exists, skipped"
            : string.Create(CultureInfo.InvariantCulture, $"{progress}{result.Input} -> {result.Output} ({result.Width}×{result.Height}, {result.Ms:F0} ms)")));
    }
}
