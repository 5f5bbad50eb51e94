using System.Runtime.ExceptionServices;

namespace Srcnn.Kernels;

/// <summary>Numbered tasks that several threads take until none is left.</summary>
internal sealed class SharedWork
{
    private readonly int count;
    private readonly Action<int, int> body;
    private int next = -1, workers = -1, left;
    private ExceptionDispatchInfo? failure;

    /// <param name="count">Tasks.</param>
    /// <param name="body">Runs one, told its number and that of the worker.</param>
    public SharedWork(int count, Action<int, int> body) => (this.count, left, this.body) = (count, count, body);

    /// <summary>Takes part until all tasks are taken. After a failure the rest is left undone.</summary>
    public void Do()
    {
        var worker = -1;
        for (int task; (task = Interlocked.Increment(ref next)) < count;)
        {
            if (worker < 0) worker = Interlocked.Increment(ref workers);
            try
            {
                if (failure is null) body(task, worker);
            }
            catch (Exception e) // rethrown by the thread that waits
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            Done(1);
        }
    }

    /// <summary>Takes part and waits for the others. Throws what a task threw.</summary>
    public void Finish()
    {
        Do();
        Wait();
        failure?.Throw();
    }

    /// <summary>Waits for the tasks that have begun; no other will.</summary>
    public void Abandon()
    {
        Done(count - Math.Min(count, Interlocked.Exchange(ref next, count) + 1));
        Wait();
    }

    private void Done(int tasks)
    {
        if (Interlocked.Add(ref left, -tasks) > 0) return;
        lock (this) Monitor.PulseAll(this);
    }

    private void Wait()
    {
        lock (this)
        {
            while (Volatile.Read(ref left) > 0) Monitor.Wait(this);
        }
    }
}
