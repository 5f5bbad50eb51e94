using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>The host's own threads: every task once, never more threads than asked for, no failure lost and nobody left waiting.</summary>
public sealed class WorkforceTests
{
    [Test]
    public void EveryTaskRunsOnceAndWorkersAreNumberedFromZero([Values(1, 2, 5)] int workers, [Values(0, 1, 3, 1000)] int count)
    {
        var runs = new int[count];
        var most = -1;
        Workforce.Run(workers, count, (task, worker) =>
        {
            Interlocked.Increment(ref runs[task]);
            InterlockedMax(ref most, worker);
        });
        Assert.That(runs, Is.All.EqualTo(1));
        Assert.That(most, Is.LessThan(Math.Max(1, Math.Min(workers, count))));
    }

    [Test]
    public void NoMoreThreadsTakePartThanAsked([Values(1, 2, 3)] int workers)
    {
        Workforce.Run(6, 60, (_, _) => Thread.Sleep(1)); // many threads are there
        var (now, most) = (0, 0);
        HashSet<int> threads = [];
        Workforce.Run(workers, 40, (_, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            lock (threads) threads.Add(Environment.CurrentManagedThreadId);
            Thread.Sleep(1);
            Interlocked.Decrement(ref now);
        });
        Assert.That(most, Is.LessThanOrEqualTo(workers));
        Assert.That(threads, Has.Count.LessThanOrEqualTo(workers).And.Contains(Environment.CurrentManagedThreadId));
    }

    [Test, CancelAfter(20_000)]
    public void WorkWithinWorkEnds()
    {
        var leaves = 0;
        Workforce.Run(3, 8, (_, _) =>
        {
            var aside = Workforce.Begin(3, () => Workforce.Run(3, 4, (_, _) => Interlocked.Increment(ref leaves)));
            Workforce.Run(3, 8, (_, _) => Workforce.Run(3, 4, (_, _) => Interlocked.Increment(ref leaves)));
            aside.Finish();
        });
        Assert.That(leaves, Is.EqualTo(8 * (4 + (8 * 4))));
    }

    [Test]
    public void AFailureIsTheOneThatWasThrownAndEndsTheRest([Values(1, 2, 4)] int workers)
    {
        var thrown = new InvalidDataException("the seventh");
        var ran = 0;
        var caught = Assert.Throws<InvalidDataException>(() => Workforce.Run(workers, 1000, (task, _) =>
        {
            Interlocked.Increment(ref ran);
            if (task == 6) throw thrown;
            Thread.Sleep(1);
        }));
        Assert.That(caught, Is.SameAs(thrown));
        Assert.That(caught!.StackTrace, Does.Contain(nameof(AFailureIsTheOneThatWasThrownAndEndsTheRest)));
        Assert.That(ran, Is.InRange(7, 900));
    }

    [Test]
    public void WhatWasBegunFailsWhereItIsFinished([Values(1, 2)] int workers)
    {
        var thrown = new InvalidDataException();
        var work = Workforce.Begin(workers, () => throw thrown);
        Assert.That(Assert.Throws<InvalidDataException>(work.Finish), Is.SameAs(thrown));
        Assert.That(work.Abandon, Throws.Nothing);
    }

    [Test]
    public void ThreadsOutliveAFailure()
    {
        for (var i = 0; i < 20; i++) Assert.That(() => Workforce.Run(4, 8, (_, _) => throw new InvalidDataException()), Throws.InstanceOf<InvalidDataException>());
        var done = 0;
        Workforce.Run(4, 100, (_, _) => Interlocked.Increment(ref done));
        Assert.That(done, Is.EqualTo(100));
    }

    [Test]
    public void WorkForOneThreadWaitsForIt()
    {
        var thread = 0;
        var work = Workforce.Begin(1, () => thread = Environment.CurrentManagedThreadId);
        Thread.Sleep(5);
        Assert.That(thread, Is.Zero, "there is no other thread that might do it");
        work.Finish();
        Assert.That(thread, Is.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void AbandonedWorkThatHasNotBegunIsNeverDone()
    {
        var done = 0;
        var work = new SharedWork(10, (_, _) => done++);
        work.Abandon();
        work.Finish();
        work.Abandon();
        Assert.That(done, Is.Zero);
    }

    [Test, CancelAfter(20_000)]
    public void AbandonWaitsForWhatHasBegun()
    {
        using var begun = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        var done = 0;
        var work = new SharedWork(10, (_, _) =>
        {
            begun.Set();
            end.Wait();
            done++;
        });
        var other = new Thread(work.Do);
        other.Start();
        begun.Wait();
        var abandoning = new Thread(work.Abandon);
        abandoning.Start();
        Assert.That(abandoning.Join(30), Is.False, "a task still runs");
        end.Set();
        abandoning.Join();
        Assert.That(done, Is.EqualTo(1));
        other.Join();
        Assert.That(done, Is.EqualTo(1));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
