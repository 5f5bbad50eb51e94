using System.Text.Json;

namespace Srcnn.Kernels;

/// <summary>A profile in Chrome's trace event format, which chrome://tracing and ui.perfetto.dev show: a line per thread and stream.</summary>
public static class ChromeTrace
{
    private const int Process = 1;

    /// <summary>Writes the document.</summary>
    /// <param name="about">What was run, and where: kept among the trace's metadata.</param>
    public static void Write(Profile profile, IReadOnlyDictionary<string, string> about, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartObject("otherData");
        foreach (var (key, value) in about) json.WriteString(key, value);
        json.WriteNumber("spans left out", profile.Dropped);
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        foreach (var (track, name) in profile.Tracks.Index()) WriteTrack(json, track, name);
        foreach (var span in profile.Spans) WriteSpan(json, span);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTrack(Utf8JsonWriter json, int track, string name)
    {
        json.WriteStartObject();
        json.WriteString("ph", "M");
        json.WriteString("name", "thread_name");
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", track);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSpan(Utf8JsonWriter json, ProfileSpan span)
    {
        json.WriteStartObject();
        json.WriteString("ph", "X");
        json.WriteString("name", span.Kernel.Length > 0 ? span.Kernel : span.Name);
        json.WriteString("cat", span.Kernel.Length > 0 ? "device" : "host");
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", span.Track);
        // Microseconds; the decimals keep the nanoseconds, so that spans nest as they did.
        json.WriteNumber("ts", span.Start / 1000m);
        json.WriteNumber("dur", (span.End - span.Start) / 1000m);
        json.WriteStartObject("args");
        if (span.Kernel.Length > 0) json.WriteString("for", span.Name);
        if (span.Flops > 0) json.WriteNumber("flops", span.Flops);
        if (span.Bytes > 0) json.WriteNumber("bytes", span.Bytes);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
