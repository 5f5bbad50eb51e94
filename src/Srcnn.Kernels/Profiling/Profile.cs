using System.Diagnostics;

namespace Srcnn.Kernels;

/// <summary>Where the time of a run goes: what host threads did and what ran on a device's streams. Any thread may add to it at any time.</summary>
public sealed class Profile
{
    /// <summary>Spans kept for the trace, some tens of megabytes of it; later ones count in <see cref="Rows"/> only.</summary>
    public const int MostSpans = 200_000;

    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    private readonly long origin = Stopwatch.GetTimestamp();
    private readonly Lock gate = new();
    private readonly Dictionary<(string Name, string Kernel), ProfileRow> rows = [];
    private readonly Dictionary<int, int> threads = [];
    private readonly List<string> tracks = [];
    private readonly List<ProfileSpan> spans = [];

    /// <summary>One row per piece of work, the longest first.</summary>
    public IReadOnlyList<ProfileRow> Rows
    {
        get
        {
            lock (gate) return [.. rows.Values.OrderByDescending(row => row.Seconds)];
        }
    }

    /// <summary>What happened, in the order in which it ended, up to <see cref="MostSpans"/>.</summary>
    public IReadOnlyList<ProfileSpan> Spans
    {
        get
        {
            lock (gate) return [.. spans];
        }
    }

    /// <summary>Names of the threads and streams that spans ran on.</summary>
    public IReadOnlyList<string> Tracks
    {
        get
        {
            lock (gate) return [.. tracks];
        }
    }

    /// <summary>Spans that found no room among <see cref="Spans"/>.</summary>
    public long Dropped { get; private set; }

    /// <summary>Seconds since it was created.</summary>
    public double Seconds => Now / 1e9;

    /// <summary>Nanoseconds since it was created.</summary>
    internal long Now => (long)((Stopwatch.GetTimestamp() - origin) * NanosecondsPerTick);

    /// <summary>Begins a piece of work on this thread; disposing it there ends it. A row counts only what no piece within it counts.</summary>
    /// <param name="name">What the row is called: "conv1 forward".</param>
    /// <param name="flops">Floating-point operations, a multiply–add counted as two; 0 where they are not counted.</param>
    /// <param name="bytes">Bytes moved; likewise.</param>
    public ProfileScope Begin(string name, double flops = 0, double bytes = 0) => new(this, name, flops, bytes);

    /// <summary>A line of the trace for a stream.</summary>
    internal int AddTrack(string name)
    {
        lock (gate)
        {
            tracks.Add(name);
            return tracks.Count - 1;
        }
    }

    /// <summary>Adds what ended.</summary>
    /// <param name="own">Nanoseconds that count in its row.</param>
    /// <param name="track">A stream's; null for this thread's.</param>
    internal void Add(ProfileSpan span, long own, int? track = null)
    {
        lock (gate)
        {
            var row = rows.GetValueOrDefault((span.Name, span.Kernel)) ?? new ProfileRow(span.Name, span.Kernel, 0, 0, 0, 0);
            rows[(span.Name, span.Kernel)] = row with
            {
                Calls = row.Calls + 1,
                Seconds = row.Seconds + (own / 1e9),
                Flops = row.Flops + span.Flops,
                Bytes = row.Bytes + span.Bytes,
            };
            if (spans.Count < MostSpans) spans.Add(span with { Track = track ?? ThreadTrack() });
            else Dropped++;
        }
    }

    private int ThreadTrack()
    {
        var id = Environment.CurrentManagedThreadId;
        if (!threads.TryGetValue(id, out var track))
        {
            tracks.Add(Thread.CurrentThread.Name is { Length: > 0 } name ? $"{name} {id}" : $"thread {id}");
            threads.Add(id, track = tracks.Count - 1);
        }
        return track;
    }
}

/// <summary>Something that ran from one time to another.</summary>
/// <param name="Name">"conv1 forward".</param>
/// <param name="Kernel">The device kernel, for what ran on a device; else empty.</param>
/// <param name="Track">Where, an index of <see cref="Profile.Tracks"/>.</param>
/// <param name="Start">Nanoseconds since the profile began.</param>
/// <param name="End">Likewise.</param>
/// <param name="Flops">Floating-point operations; 0 where they are not counted.</param>
/// <param name="Bytes">Bytes moved, of a kernel those of the arrays it was given, each once; 0 where they are not counted.</param>
public readonly record struct ProfileSpan(string Name, string Kernel, int Track, long Start, long End, double Flops, double Bytes);

/// <summary>The sum over spans of one name and kernel.</summary>
/// <param name="Calls">How many.</param>
/// <param name="Seconds">Their time, without that of spans within them.</param>
public sealed record ProfileRow(string Name, string Kernel, long Calls, double Seconds, double Flops, double Bytes)
{
    /// <summary>Whether it ran on a device.</summary>
    public bool IsDevice => Kernel.Length > 0;
}
