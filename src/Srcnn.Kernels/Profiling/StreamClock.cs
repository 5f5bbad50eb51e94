using ILGPU.Runtime;

namespace Srcnn.Kernels;

/// <summary>
/// Times what a stream runs, by a marker behind each launch. A launch begins when it was made or when the one before it ended, whichever
/// is later: streams run in order. Times are fetched when the program waits for the stream anyway, so that nothing waits for them.
/// </summary>
internal sealed class StreamClock : IDisposable
{
    /// <summary>Markers that may be outstanding: drivers keep an object for each.</summary>
    private const int MostPending = 4096;

    private const int Alignments = 5;

    private readonly Profile profile;
    private readonly AcceleratorStream stream;
    private readonly int track;
    private readonly List<(ProfileSpan Span, ProfilingMarker End)> pending = [];
    private ProfilingMarker origin;
    private long originTime;

    public StreamClock(Profile profile, AcceleratorStream stream, string name)
    {
        (this.profile, this.stream) = (profile, stream);
        track = profile.AddTrack(name);
        (origin, originTime, var doubt) = Align();
        for (var i = 1; i < Alignments; i++)
        {
            var other = Align();
            var worse = other.Doubt < doubt ? origin : other.Marker;
            if (other.Doubt < doubt) (origin, originTime, doubt) = other;
            worse.Dispose();
        }
    }

    /// <inheritdoc cref="Timing(string, double, double)"/>
    public Action<long> Timing(ILaunch kernel) => Timing(Kernel.NameOf(kernel.GetType()), kernel.Flops, KernelBytes.Of(kernel));

    /// <summary>To be called right after the launch of what it describes, with the time when that was made (<see cref="Profile.Now"/>).</summary>
    public Action<long> Timing(string what, double flops, double bytes)
    {
        var span = new ProfileSpan(ProfileScope.Current, what, track, 0, 0, flops, bytes);
        return launched =>
        {
            pending.Add((span with { Start = launched }, stream.AddProfilingMarker()));
            if (pending.Count >= MostPending) Collect();
        };
    }

    /// <summary>Fetches the times of what was launched so far; waits for it.</summary>
    public void Collect()
    {
        if (pending.Count == 0) return;
        var before = originTime;
        foreach (var (span, marker) in pending)
        {
            var end = Math.Max(originTime + (long)((marker - origin).TotalMicroseconds * 1000), before);
            var start = Math.Min(Math.Max(span.Start, before), end);
            profile.Add(span with { Start = start, End = end }, own: end - start, track);
            before = end;
        }
        // Measured from near by, times stay exact in whatever unit the driver counts.
        origin.Dispose();
        (origin, originTime) = (pending[^1].End, before);
        foreach (var (_, marker) in pending[..^1]) marker.Dispose();
        pending.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, marker) in pending) marker.Dispose();
        origin.Dispose();
    }

    /// <summary>A marker that the device passes between two looks at our clock.</summary>
    private (ProfilingMarker Marker, long Time, long Doubt) Align()
    {
        var before = profile.Now;
        var marker = stream.AddProfilingMarker();
        marker.Synchronize();
        var after = profile.Now;
        return (marker, (before + after) / 2, after - before);
    }
}
