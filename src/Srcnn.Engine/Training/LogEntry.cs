using System.Text.Json;

namespace Srcnn.Engine.Training;

/// <summary>A line of log.jsonl.</summary>
/// <param name="Psnr">Validation PSNR in dB, protocol y; null where this step was not validated.</param>
/// <param name="Bicubic">The same pictures by bicubic alone; null likewise.</param>
/// <param name="Lr">Learning rate.</param>
/// <param name="Elapsed">Seconds since the start of the process.</param>
/// <param name="MicroBatch">Samples that went through the network at once; 0 in logs older than it.</param>
public sealed record LogEntry(
    int Step, double Epoch, double Loss, double? Psnr, double? Bicubic, double Lr, double SamplesPerSecond, double Elapsed, IReadOnlyList<LayerState> Layers, int MicroBatch = 0)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>What the log keeps of a report.</summary>
    public static LogEntry Of(TrainingProgress p) => new(
        p.Step, p.Epoch, p.Loss, p.Psnr, p.Psnr is null ? null : p.BicubicPsnr, p.LearningRate, Math.Round(p.SamplesPerSecond, 1), Math.Round(p.Elapsed, 3), p.Layers, p.MicroBatch);

    /// <summary>The line, without its end.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads a line; null for one that a crash cut short.</summary>
    public static LogEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<LogEntry>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The numbers as TensorBoard shows them.</summary>
    public IEnumerable<(string Tag, double Value)> Scalars()
    {
        yield return ("loss", Loss);
        if (Psnr is { } psnr) yield return ("validation/psnr", psnr);
        if (Bicubic is { } bicubic) yield return ("validation/bicubic", bicubic);
        yield return ("learning rate", Lr);
        yield return ("samples per second", SamplesPerSecond);
        foreach (var layer in Layers)
        {
            yield return ($"gradient norm/{layer.Name}", layer.GradientNorm);
            yield return ($"dead filters/{layer.Name}", layer.Dead);
        }
    }
}
