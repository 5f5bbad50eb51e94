namespace Srcnn.Kernels;

/// <summary>Shares numbered tasks among workers. Which worker takes which task is open; tasks must not care.</summary>
internal static class Workforce
{
    /// <summary>Runs <paramref name="body"/>(task, worker) for every task in [0, count).</summary>
    public static void Run(int workers, int count, Action<int, int> body)
    {
        workers = Math.Min(workers, count);
        if (workers <= 1)
        {
            for (var task = 0; task < count; task++) body(task, 0);
            return;
        }
        var next = -1;
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, worker =>
        {
            for (int task; (task = Interlocked.Increment(ref next)) < count;) body(task, worker);
        });
    }
}
