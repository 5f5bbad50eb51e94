using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Text.Json.Nodes;
using Srcnn.Engine.Models;
using Srcnn.Engine.Training;
using Srcnn.Kernels;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Training;

/// <summary>A checkpoint is a model file too; what older versions wrote is still resumed.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HostBackend host = new(1);
    private readonly TrainingConfig config;

    // What is published then differs from what is trained.
    public CheckpointTests() => config = Runs.Config(Runs.Pictures(folder)) with { Center = 0.45, Average = 0.5 };

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    [Test]
    public void ItIsASafetensorsFileToItsLastByte()
    {
        var bytes = File.ReadAllBytes(Run("run"));
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
        var ends = header.Where(e => e.Key != "__metadata__").Select(e => (long)e.Value!["data_offsets"]![1]!);
        Assert.That(8 + length + ends.Max(), Is.EqualTo(bytes.Length));

        // The checksum: XXH128 over the file with zeros in its place, computed here by other means than the program's.
        var digits = (string)header["__metadata__"]!["checksum"]!;
        var text = Encoding.Latin1.GetString(bytes).Replace(digits, new string('0', digits.Length), StringComparison.Ordinal);
        Assert.That(Convert.ToHexStringLower(XxHash128.Hash(Encoding.Latin1.GetBytes(text))), Is.EqualTo(digits));
    }

    [Test]
    public void AsAModelItIsWhatTheRunPublishes()
    {
        // Not centred, what is published is the average itself.
        var checkpoint = Run("run", config with { SaveEvery = config.Steps, Center = 0 });
        var model = ModelFile.Load(Path.Combine(folder.File("run"), "model.safetensors"));
        var values = ModelFile.Load(checkpoint).Tensors.SelectMany(t => t.Values).ToArray();
        Assert.That(values, Is.EqualTo(model.Tensors.SelectMany(t => t.Values)));
        Assert.That(State("average/"), Is.EqualTo(values));
        Assert.That(State("trained/"), Is.Not.EqualTo(values));

        IEnumerable<float> State(string prefix) =>
            Checkpoint.Load(checkpoint).State.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(t => t.Values);
    }

    [Test]
    public void ARunMayStartFromIt()
    {
        var result = Trainer.Run(config with { From = Run("run"), Steps = 2 }, folder.File("next"), host);
        Assert.That(ModelFile.Load(result.ModelPath).Network.Name, Is.EqualTo(config.Network));
    }

    [Test]
    public void DamagedItIsNoModelEither()
    {
        var path = Run("run");
        var bytes = File.ReadAllBytes(path);
        bytes[^2] ^= 1;
        Assert.That(() => ModelFile.Load(folder.File("damaged", bytes)), Throws.TypeOf<ModelException>().With.Message.Contains("checksum"));
    }

    [Test]
    public void OneOfAnEarlierVersionIsResumedToTheSameBits()
    {
        Run("straight");
        using var stop = new CancellationTokenSource();
        Trainer.Run(config, folder.File("old"), host, progress: new Reports(_ => stop.Cancel()), stop: stop.Token);
        var path = Runs.Checkpoints(folder.File("old"))[^1];
        var now = Checkpoint.Load(path);
        var trained = now.State.Where(t => t.Name.StartsWith("trained/", StringComparison.Ordinal)).Select(t => t with { Name = t.Name["trained/".Length..] });
        var was = now with { Model = now.Model with { Tensors = [.. trained] }, State = [.. now.State.Where(t => !t.Name.StartsWith("trained/", StringComparison.Ordinal))] };
        using var content = new MemoryStream();
        was.ToSafetensors().Write(content);
        File.WriteAllBytes(path, [.. content.ToArray(), .. XxHash128.Hash(content.ToArray())]);

        Assert.That(() => ModelFile.Load(path), Throws.TypeOf<ModelException>().With.Message.Contains("--resume"));
        Trainer.Run(config, folder.File("old"), host, resume: true);
        Runs.AssertEqual(folder.File("old"), folder.File("straight"));
    }

    [Test]
    public void StoppedBeforeItsFirstValidationARunLeavesAModel()
    {
        using var stop = new CancellationTokenSource();
        var result = Trainer.Run(config with { SaveEvery = 1000 }, folder.File("run"), host, progress: new Reports(_ => stop.Cancel()), stop: stop.Token);
        Assert.That((result.Completed, result.Steps), Is.EqualTo((false, 3)));
        var model = ModelFile.Load(result.ModelPath);
        Assert.That(model.Psnr, Is.Null);
        Assert.That(model.Training, Does.Contain("\"steps\":\"3\""));
        Assert.That(model.Tensors.SelectMany(t => t.Values), Is.EqualTo(ModelFile.Load(Runs.Checkpoints(folder.File("run"))[^1]).Tensors.SelectMany(t => t.Values)));
    }

    [Test]
    public void StoppedBeforeItsFirstStepItLeavesNone()
    {
        using var stop = new CancellationTokenSource();
        var result = Trainer.Run(config, folder.File("run"), host, ready: stop.Cancel, stop: stop.Token);
        Assert.That((result.Steps, File.Exists(result.ModelPath)), Is.EqualTo((0, false)));
    }

    /// <summary>Trains, and names the last checkpoint.</summary>
    private string Run(string run, TrainingConfig? with = null)
    {
        Trainer.Run(with ?? config, folder.File(run), host);
        return Runs.Checkpoints(folder.File(run))[^1];
    }
}
