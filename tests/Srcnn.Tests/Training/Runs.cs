using System.Text.Json.Nodes;
using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Training;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Training;

/// <summary>Small data sets and runs on them.</summary>
internal static class Runs
{
    /// <summary>A folder of generated pictures.</summary>
    public static string Pictures(TemporaryFolder folder, string name = "pictures", int count = 10, int side = 36, ulong seed = 1)
    {
        var path = Directory.CreateDirectory(folder.File(name)).FullName;
        for (var i = 0; i < count; i++)
        {
            var samples = Array.ConvertAll(SyntheticImages.Generate(side, side, seed + (ulong)i), v => (ushort)v);
            ImageFile.Write(Path.Combine(path, $"{i:D3}.bmp"), new Image(side, side, 3, 8, samples));
        }
        return path;
    }

    /// <summary>A run of moments that passes several epochs, log lines and checkpoints.</summary>
    public static TrainingConfig Config(string data) => new()
    {
        Network = "srcnn-3-1-3", Scale = 2, Data = [data], Steps = 24, Batch = 7, Patch = 9, Stride = 13, Crops = Crops.Grid,
        LogEvery = 3, SaveEvery = 8, Lr = 1e-3, Warmup = 5, Rates = new Dictionary<string, double> { ["conv3.*"] = 0.3 },
    };

    /// <summary>The log without what depends on time.</summary>
    public static string[] Log(string run) =>
    [
        .. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line =>
        {
            var json = JsonNode.Parse(line)!.AsObject();
            json.Remove("samplesPerSecond");
            json.Remove("elapsed");
            return json.ToJsonString();
        }),
    ];

    /// <summary>The checkpoints' paths, oldest first.</summary>
    public static string[] Checkpoints(string run) => [.. Directory.GetFiles(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal)];

    /// <summary>That two runs left the same bytes, times apart.</summary>
    public static void AssertEqual(string actual, string expected)
    {
        Assert.That(Checkpoints(actual).Select(Path.GetFileName), Is.EqualTo(Checkpoints(expected).Select(Path.GetFileName)));
        Assert.That(File.ReadAllBytes(Checkpoints(actual)[^1]), Is.EqualTo(File.ReadAllBytes(Checkpoints(expected)[^1])), "checkpoint");
        Assert.That(File.ReadAllBytes(Path.Combine(actual, "model.safetensors")), Is.EqualTo(File.ReadAllBytes(Path.Combine(expected, "model.safetensors"))), "model");
        Assert.That(Log(actual), Is.EqualTo(Log(expected)));
    }

    public static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}

/// <summary>Notes every report, and may do something at it. Unlike <see cref="Progress{T}"/> on the thread of the run.</summary>
internal sealed class Reports(Action<TrainingProgress>? then = null) : IProgress<TrainingProgress>
{
    public List<TrainingProgress> All { get; } = [];

    public void Report(TrainingProgress value)
    {
        All.Add(value);
        then?.Invoke(value);
    }
}
