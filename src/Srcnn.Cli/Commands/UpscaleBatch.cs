using System.Globalization;
using Srcnn.Engine.Reports;

namespace Srcnn.Cli.Commands;

/// <summary>Enlarges many pictures, some at once; one that fails does not stop the rest.</summary>
internal sealed class UpscaleBatch(Session session, UpscalerShelf shelf, UpscaleSettings settings, bool json)
{
    /// <summary>Memory that a picture of a camera may take on its way.</summary>
    private const long PictureBytes = 512L << 20;

    /// <summary>On a device: while one picture is computed, others are decoded and encoded.</summary>
    private const int LeastOnDevice = 2, MostOnDevice = 4;

    private sealed record Outcome(UpscaleResult Result, int Code);

    private readonly UpscaleReport? report = settings.Report is null ? null : new();
    private readonly Lock printing = new();
    private int finished;

    /// <summary>Returns the exit code: that of the failure for one input, "some failed" for several.</summary>
    public int Run(IReadOnlyList<UpscaleJob> jobs)
    {
        var outcomes = new Outcome?[jobs.Count];
        var enlarger = new PictureEnlarger(settings, session.Terminal, report, session.Log, session.Warn, session.Stop);
        var progress = new BatchProgress(session.Terminal, jobs.Count);
        var next = -1;
        var atOnce = AtOnce(jobs.Count);
        List<Thread> others = [];
        if (atOnce > 1)
        {
            var workers = Math.Max(1, shelf.Backend.Workers / atOnce);
            for (var i = 0; i < atOnce; i++)
            {
                var own = shelf.Another(workers);
                others.Add(new Thread(() => { using (own) Work(own); }) { Name = "pictures" });
                others[^1].Start();
            }
            others.ForEach(thread => thread.Join());
        }
        else Work(shelf);

        List<UpscaleResult> results = [.. outcomes.OfType<Outcome>().Select(o => o.Result)];
        var failed = results.Count(r => r.Status == "failed");
        if (json) session.PrintJson(new { results, failed });
        else if (jobs.Count > 1) session.Log($"{results.Count(r => r.Status == "done")} done, {results.Count(r => r.Status == "skipped")} skipped, {failed} failed");
        if (settings.Report is { } page)
        {
            report!.Save(page, [.. results.Select(r => (r.Input, r.Status, r.Error ?? r.Output!))]);
            session.Log($"report written to {page}");
        }
        session.Stop.ThrowIfCancellationRequested();
        return failed == 0 ? ExitCode.Done : jobs.Count > 1 ? ExitCode.Partial : outcomes[0]!.Code;

        void Work(UpscalerShelf own)
        {
            for (int index; !session.Stop.IsCancellationRequested && (index = Interlocked.Increment(ref next)) < jobs.Count;)
            {
                var job = jobs[index];
                try
                {
                    if (job.Error is not null) throw job.Error;
                    var result = enlarger.Enlarge(own, index, job.Input, job.Output!, progress.Of(index));
                    outcomes[index] = new Outcome(result, ExitCode.Done);
                    Finish(progress, index, result.Status == "done", () => Print(result, progress, jobs.Count));
                }
                catch (Exception e) when (Failure.Of(e) is { Code: not ExitCode.Interrupted } failure)
                {
                    outcomes[index] = new Outcome(new UpscaleResult(job.Input, job.Output, "failed", Error: failure.Message), failure.Code);
                    Finish(progress, index, worked: false, () => session.PrintError(failure));
                }
                catch (OperationCanceledException)
                {
                    Finish(progress, index, worked: false, () => { });
                }
            }
        }
    }

    /// <summary>Pictures to work on at once: as many as asked for, else one per core as far as memory goes. What needs whole pictures goes one after the other.</summary>
    private int AtOnce(int pictures)
    {
        if (pictures < 2 || settings.Jobs == 1) return 1;
        if (settings.Jobs is { } asked) return Math.Min(asked, pictures);
        if (settings.HoldsPictures) return 1;
        var room = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / PictureBytes;
        var busy = shelf.Backend.IsDevice ? Math.Clamp(Environment.ProcessorCount, LeastOnDevice, MostOnDevice) : shelf.Backend.Workers;
        return (int)Math.Clamp(Math.Min(busy, room), 1, pictures);
    }

    private void Finish(BatchProgress progress, int index, bool worked, Action print)
    {
        lock (printing)
        {
            progress.Finish(index, worked);
            finished++;
            print();
        }
    }

    private void Print(UpscaleResult result, BatchProgress progress, int count)
    {
        if (json || settings.IsPiped) return;
        var place = finished < count ? $"[{finished}/{count}, {progress.Left()}] " : count > 1 ? $"[{finished}/{count}] " : "";
        var input = result.Input == InputFile.StandardInput ? InputFile.StandardInputName : result.Input;
        session.Terminal.Output.WriteLine(Failure.OneLine(result.Status == "skipped"
            ? $"{place}{result.Output} exists, skipped"
            : string.Create(
                CultureInfo.InvariantCulture, $"{place}{input} -> {result.Output} ({result.Width}×{result.Height}, {result.Ms ?? 0:F0} ms)")));
    }
}
