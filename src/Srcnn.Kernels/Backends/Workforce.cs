namespace Srcnn.Kernels;

/// <summary>
/// The host's own threads. Who posts work takes part in it, so that nothing depends on how many threads there are or when they come. The
/// runtime's pool takes longer to start, counts threads that wait for a file as workers, and never stops trying other numbers of threads.
/// </summary>
internal static class Workforce
{
    /// <summary>How long an idle thread stays.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Queue<SharedWork> posted = new();
    private static int threads, idle;

    /// <summary>
    /// Runs <paramref name="body"/>(task, worker) for every task in [0, count) on up to <paramref name="workers"/> threads, this one among
    /// them. Which worker takes which task is open; tasks must not care.
    /// </summary>
    public static void Run(int workers, int count, Action<int, int> body)
    {
        workers = Math.Min(workers, count);
        if (workers <= 1)
        {
            for (var task = 0; task < count; task++) body(task, 0);
            return;
        }
        var work = new SharedWork(count, body);
        for (var worker = 1; worker < workers; worker++) Post(work, workers);
        work.Finish();
    }

    /// <summary>Lets another of up to <paramref name="workers"/> threads run <paramref name="body"/>; it runs in <see cref="SharedWork.Finish"/> where none had time.</summary>
    public static SharedWork Begin(int workers, Action body)
    {
        var work = new SharedWork(1, (_, _) => body());
        if (workers > 1) Post(work, workers);
        return work;
    }

    private static void Post(SharedWork work, int workers)
    {
        lock (posted)
        {
            posted.Enqueue(work);
            if (posted.Count <= idle || threads >= workers - 1)
            {
                Monitor.Pulse(posted);
                return;
            }
            threads++;
        }
        new Thread(Serve) { IsBackground = true, Name = "host worker" }.Start();
    }

    private static void Serve()
    {
        while (Next() is { } work) work.Do();
    }

    private static SharedWork? Next()
    {
        lock (posted)
        {
            SharedWork? work;
            for (var patient = true; !posted.TryDequeue(out work); patient = Monitor.Wait(posted, Patience), idle--)
            {
                if (!patient)
                {
                    threads--;
                    break;
                }
                idle++;
            }
            return work;
        }
    }
}
