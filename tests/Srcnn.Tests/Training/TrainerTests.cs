using System.Text.Json.Nodes;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Training;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HostBackend host = new(2);

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    [TestCase(1)]
    [TestCase(3)]
    public void ARunLeavesItsConfigurationLogCheckpointsAndModel(int channels)
    {
        var config = Runs.Config(Runs.Pictures(folder)) with { Channels = channels };
        var (run, reports) = (folder.File("run"), new Reports());
        var result = Trainer.Run(config, run, host, progress: reports);
        var log = File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        var model = ModelFile.Load(result.ModelPath);
        Assert.Multiple(() =>
        {
            Assert.That(result.Completed);
            Assert.That(TrainingConfig.FromJson(File.ReadAllText(Path.Combine(run, "config.json")), "").ToJson(), Is.EqualTo(config.ToJson()));
            Assert.That(log, Is.All.Matches((JsonObject? line) => line!.Select(p => p.Key)
                .SequenceEqual(["step", "epoch", "loss", "psnr", "bicubic", "lr", "samplesPerSecond", "elapsed", "layers", "microBatch"])));
            Assert.That(log.Select(l => (int)l["step"]!), Is.EqualTo(new[] { 3, 6, 8, 9, 12, 15, 16, 18, 21, 24 }));
            Assert.That(log.Where(l => l["psnr"] is not null).Select(l => (int)l["step"]!), Is.EqualTo(new[] { 8, 16, 24 }));
            Assert.That(reports.All.Select(r => r.Loss), Is.EqualTo(log.Select(l => (double)l["loss"]!)));
            Assert.That(Runs.Checkpoints(run).Select(Path.GetFileName), Is.EqualTo(new[] { "step-000000016.safetensors", "step-000000024.safetensors" }));
            Assert.That(model.Psnr, Is.EqualTo(result.BestPsnr).Within(0.001));
            Assert.That(model.Network.Channels, Is.EqualTo(channels));
            Assert.That(result.BestPsnr, Is.EqualTo(reports.All.Max(r => r.Psnr)).And.EqualTo(result.BicubicPsnr).Within(1.0), "the identity start is bicubic");
        });
    }

    [Test]
    public void AnotherScaleStartsFromAModelAndFrozenLayersDoNotMoveByABit([Values] OptimizerKind optimizer)
    {
        var config = new TrainingConfig { Network = "fsrcnn-6-4-1", Scale = 3, Steps = 3, Batch = 4, Patch = 12, SaveEvery = 3, Warmup = 0, Optimizer = optimizer, Average = 0.5 };
        var first = Trainer.Run(config, folder.File("x3"), host);
        var second = Trainer.Run(config with { Scale = 2, From = first.ModelPath, Freeze = ["conv*", "prelu*"] }, folder.File("x2"), host);
        ModelFile before = ModelFile.Load(first.ModelPath), after = ModelFile.Load(second.ModelPath);
        Assert.That(after.Scales.ToString(), Is.EqualTo("2"));
        foreach (var (old, now) in before.Tensors.Zip(after.Tensors))
        {
            if (old.Name.StartsWith("deconv", StringComparison.Ordinal)) Assert.That(now.Values, Is.Not.EqualTo(old.Values), old.Name);
            else Assert.That(now.Values, Is.EqualTo(old.Values), old.Name);
        }
    }

    [Test]
    public void OneModelLearnsSeveralScales()
    {
        var config = new TrainingConfig { Network = "vdsr-3-4", Scale = 2, Scales = [2, 3], Steps = 2, Batch = 4, Patch = 12, SaveEvery = 2, Warmup = 0, Optimizer = OptimizerKind.Sgd, ClipValue = 0.01, WeightDecay = 1e-4 };
        var result = Trainer.Run(config, folder.File("run"), host);
        Assert.That(ModelFile.Load(result.ModelPath).Scales.ToString(), Is.EqualTo("2,3"));
        Assert.That(() => Trainer.Run(config with { Network = "fsrcnn-6-4-1" }, folder.File("other"), host), Throws.InstanceOf<ConfigException>().With.Message.Contains("one factor"));
    }

    [Test]
    public void OneSampleIsLearntByHeart()
    {
        var config = Runs.Config(Runs.Pictures(folder)) with { Overfit = 1, Batch = 1, Steps = 1000, Lr = 1e-2, Optimizer = OptimizerKind.Soap, LogEvery = 50, SaveEvery = 1000 };
        var reports = new Reports();
        Trainer.Run(config, folder.File("run"), host, progress: reports);
        Assert.That(reports.All[^1].Loss, Is.LessThan(reports.All[0].Loss / 4));
    }

    [Test]
    public void AFilterThatNothingPassesIsCountedDead()
    {
        var config = Runs.Config(Runs.Pictures(folder)) with { Steps = 1 };
        using var learner = new Learner(config, host);
        learner.Start();
        var dead = learner.Publish(0).Save().Select(t => t.Name == "conv2.bias" ? t with { Values = [.. t.Values.Select((_, k) => k < 3 ? -100f : 5f)] } : t).ToList();
        var init = folder.File("dead.safetensors");
        new ModelFile(learner.Model.Network, config.Scale, dead).Save(init);
        var reports = new Reports();
        Trainer.Run(config with { Init = init }, folder.File("run"), host, progress: reports);
        Assert.That(reports.All[^1].Layers.Select(l => l.Name), Is.EqualTo(new[] { "conv1", "conv2", "conv3" }));
        Assert.That(reports.All[^1].Layers[1].Dead, Is.EqualTo(3));
        Assert.That(reports.All[^1].Layers, Is.All.Matches((LayerState? l) => l!.GradientNorm > 0));
    }

    [Test]
    public void ValidationNeverTrains()
    {
        var config = Runs.Config(Runs.Pictures(folder));
        Trainer.Run(config, folder.File("seldom"), host);
        Trainer.Run(config with { SaveEvery = 1 }, folder.File("often"), host);
        Assert.That(Model("often").Tensors.SelectMany(t => t.Values), Is.EqualTo(Model("seldom").Tensors.SelectMany(t => t.Values)));

        ModelFile Model(string run) => Checkpoint.Load(Runs.Checkpoints(folder.File(run))[^1]).Model;
    }

    [Test]
    public void AModelToStartFromIsTheStart()
    {
        var config = Runs.Config(Runs.Pictures(folder)) with { Steps = 1, Lr = 1e-9 };
        var first = Trainer.Run(config, folder.File("first"), host);
        var second = Trainer.Run(config with { Init = first.ModelPath, Seed = 9 }, folder.File("second"), host);
        Assert.That(ModelFile.Load(second.ModelPath).Tensors.SelectMany(t => t.Values),
            Is.EqualTo(ModelFile.Load(first.ModelPath).Tensors.SelectMany(t => t.Values)).Within(1e-7));
        Assert.Throws<ModelException>(() => Trainer.Run(config with { Scale = 3, Init = first.ModelPath }, folder.File("third"), host));
        Assert.That(folder.Names(), Does.Not.Contain("third"));
    }

    [TestCase("host")]
    [TestCase("reference")]
    [TestCase("opencl")]
    public void ADivergedRunStopsAtOnceAndKeepsWhatItHad(string name)
    {
        using var backend = Require.Backend(name);
        var config = Runs.Config(Runs.Pictures(folder)) with { Lr = 1e5, Schedule = Schedule.Constant, Optimizer = OptimizerKind.Sgd, LogEvery = 2, SaveEvery = 1, Batch = 2 };
        var (run, reports) = (folder.File("run"), new Reports());
        var error = Assert.Throws<DivergedException>(() => Trainer.Run(config, run, backend, progress: reports));
        Assert.That(error!.Message, Does.Contain("the loss is").And.Contains("last checkpoint is kept").And.Not.Contains("\n"));
        Assert.That(reports.All.Select(r => r.Loss), Is.All.LessThanOrEqualTo(100));
        Assert.That(Runs.Checkpoints(run).Select(Checkpoint.Load).ToList(), Is.Not.Empty);
        Assert.That(() => ModelFile.Load(Path.Combine(run, "model.safetensors")), Throws.Nothing);
    }

    [Test]
    public void DivergenceBetweenLogLinesIsNoticedOnHostAtTheVeryStep()
    {
        var config = Runs.Config(Runs.Pictures(folder)) with { Lr = 1e5, Schedule = Schedule.Constant, Optimizer = OptimizerKind.Sgd, Steps = 1000, LogEvery = 1000, SaveEvery = 1000, Batch = 2 };
        var error = Assert.Throws<DivergedException>(() => Trainer.Run(config, folder.File("run"), host));
        var step = int.Parse(error!.Message.Split("at step ")[1].Split(';')[0]);
        Assert.That(step, Is.LessThan(20));
        Assert.That(error.Message, Does.Contain("no checkpoint had been saved yet"));
        Assert.That(Runs.Checkpoints(folder.File("run")), Is.Empty);

        // What is kept leads to the same loss again: the weights before the step, and its batch.
        using var stream = File.OpenRead(Path.Combine(folder.File("run"), "diverged.safetensors"));
        var kept = SafetensorsFile.Read(stream, "diverged").Tensors.ToDictionary(t => t.Name);
        using var model = new Model(NetworkCatalog.Parse(config.Network), config.Scale, host);
        model.Load(ModelFile.InOrder(model.Network, model.Scale, [.. kept.Values.Where(t => !t.Name.Contains('/'))], "diverged"));
        using var workspace = new Workspace(model.Training, model.Parameters) { Edges = model.TrainingEdges };
        var (input, target) = (kept["batch/input"], kept["batch/target"]);
        using var x = host.Allocate(new Shape(input.Shape[0], input.Shape[1], input.Shape[2], input.Shape[3]));
        x.CopyFrom(input.Values);
        var loss = workspace.Forward(x).ToArray().Zip(target.Values, (a, b) => ((double)a - b) * (a - b)).Average();
        // The loss that is told is the mean over the steps so far, the others small beside it.
        Assert.That(!(loss < 100 * step), $"{loss}");
    }

    [Test]
    public void AFlatPictureCountsAHundredDecibels()
    {
        var flat = Directory.CreateDirectory(folder.File("flat")).FullName;
        ImageFile.Write(Path.Combine(flat, "flat.bmp"), new Image(36, 36, 1, 8));
        var result = Trainer.Run(Runs.Config(Runs.Pictures(folder)) with { Steps = 1, Val = [flat] }, folder.File("run"), host);
        Assert.That(result.BicubicPsnr, Is.EqualTo(100));
        Assert.That(result.BestPsnr, Is.GreaterThan(0).And.LessThanOrEqualTo(100));
    }

    [Test]
    public void AFolderThatCannotBeMadeFailsBeforeAnythingIsRead()
    {
        var file = folder.File("file", [1]);
        Assert.That(() => Trainer.Run(Runs.Config("no such folder"), Path.Combine(file, "run"), host), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void AFolderThatHoldsARunIsRefused()
    {
        var config = Runs.Config(Runs.Pictures(folder)) with { Steps = 1 };
        Trainer.Run(config, folder.File("run"), host);
        var error = Assert.Throws<IOException>(() => Trainer.Run(config with { Seed = 2 }, folder.File("run"), host));
        Assert.That(error!.Message, Does.Contain("--resume"));
        Assert.That(File.ReadAllText(Path.Combine(folder.File("run"), "config.json")), Does.Contain("\"seed\": 1"));
    }

    [Test]
    public void ARunThatNeverBeganDoesNotBlockItsFolder()
    {
        Assert.Throws<DataException>(() => Trainer.Run(Runs.Config(folder.File("typo")), folder.File("run"), host));
        Assert.That(Trainer.Run(Runs.Config(Runs.Pictures(folder)) with { Steps = 1 }, folder.File("run"), host).Completed);
    }

    [Test]
    public void WhatCannotBeTrainedIsRefusedByName()
    {
        var config = Runs.Config(Runs.Pictures(folder));
        Refused<ConfigException>(config with { Patch = 4 }, "patch is 4");
        Refused<ConfigException>(config with { Lr = double.NaN }, "lr is NaN");
        Refused<ConfigException>(config with { Rates = new Dictionary<string, double> { ["conv4.*"] = 0.1 } }, "rates[conv4.*]");
        Refused<ConfigException>(config with { Val = [""] }, "data or val");
        Refused<UnknownNetworkException>(config with { Network = "srcnn-2-1-5" }, "'srcnn-2-1-5'");
        Assert.That(folder.Names(), Does.Not.Contain("run"), "nothing was created");

        void Refused<T>(TrainingConfig bad, string named)
            where T : Exception =>
            Assert.That(() => Trainer.Run(bad, folder.File("run"), host), Throws.TypeOf<T>().With.Message.Contains(named));
    }

    [Test]
    public void RatesSlowDownTheParametersTheyName()
    {
        var config = Runs.Config(Runs.Pictures(folder)) with { Steps = 3, Rates = new Dictionary<string, double> { ["*"] = 0, ["conv3.*"] = 1 } };
        var (before, after) = (Trained(config with { Steps = 1 }, "a"), Trained(config, "b"));
        Assert.That(after["conv1.weight"], Is.EqualTo(before["conv1.weight"]));
        Assert.That(after["conv3.weight"], Is.Not.EqualTo(before["conv3.weight"]));

        Dictionary<string, float[]> Trained(TrainingConfig c, string run)
        {
            Trainer.Run(c, folder.File(run), host);
            return Checkpoint.Load(Runs.Checkpoints(folder.File(run))[^1]).Model.Tensors.ToDictionary(t => t.Name, t => t.Values);
        }
    }
}
