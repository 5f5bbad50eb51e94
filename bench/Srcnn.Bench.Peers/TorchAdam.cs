using System.Diagnostics;
using System.IO.Enumeration;
using Srcnn.Engine.Data;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Adam = TorchSharp.Modules.Adam;
using HostBackend = Srcnn.Kernels.HostBackend;
using Shape = Srcnn.Kernels.Shape;

namespace Srcnn.Bench.Peers;

/// <summary>Trains SRCNN by libtorch's Adam, channels last, as <see cref="TimeToQuality"/> does by ours: fresh weights, patches, rates, average and judge are the same.</summary>
internal sealed class TorchAdam : IDisposable
{
    private readonly TrainingConfig config;
    private readonly PatchSampler sampler;
    private readonly ParallelOptions workers;
    private readonly float[] inputs, targets;
    private readonly long[] inputShape, targetShape;
    private readonly nn.Module<Tensor, Tensor> net;
    private readonly MSELoss loss = nn.MSELoss();
    private readonly Parameter[] parameters;
    private readonly Tensor[] averages;
    private readonly double[] factors;
    private readonly Adam optimizer;

    private TorchAdam(TrainingConfig config, ModelFile fresh, PatchSampler sampler, int targetSide, int threads)
    {
        (this.config, this.sampler) = (config, sampler);
        set_num_threads(threads);
        workers = new ParallelOptions { MaxDegreeOfParallelism = threads };
        (inputShape, targetShape) = ([config.Batch, 1, config.Patch, config.Patch], [config.Batch, 1, targetSide, targetSide]);
        (inputs, targets) = (new float[config.Batch * config.Patch * config.Patch], new float[config.Batch * targetSide * targetSide]);
        net = TorchNetwork.Build(fresh, training: true, channelsLast: true);
        net.train();
        parameters = [.. net.parameters()];
        averages = [.. parameters.Select(p => p.detach().clone())];
        factors = [.. fresh.Tensors.Select(t => config.Rates.LastOrDefault(r => FileSystemName.MatchesSimpleExpression(r.Key, t.Name), new("", 1)).Value)];
        optimizer = optim.Adam(parameters.Select(p => new Adam.ParamGroup([p])), config.Lr, config.Beta1, config.Beta2);
    }

    /// <summary>The averages, in file order and layout.</summary>
    private IEnumerable<float[]> Averages => averages.Select(a => a.contiguous().data<float>().ToArray());

    /// <summary>Trains until the quality is reached or the steps are done.</summary>
    public static QualityTime Measure(TrainingConfig contestant, string data, string val, int threads)
    {
        var config = contestant with { Data = [data], Val = [val] };
        using var backend = new HostBackend(threads);
        var network = (SrcnnConfig)NetworkCatalog.Parse(config.Network) with { Start = config.Start };
        using var model = new Model(network, config.Scale, backend);
        var centering = new Centering(network, config.Center);
        model.Parameters.Initialize(config.Seed);
        var fresh = new ModelFile(network, config.Scale, centering.Lift(model.Save(), config.Channels));
        var set = TrainingSet.Load(config);
        var targetSide = model.Training.Output(new Shape(1, config.Patch, config.Patch, config.Channels), model.TrainingEdges).H;
        using var training = new TorchAdam(config, fresh, new PatchSampler(set.Training, config, targetSide), targetSide, threads);
        using var validator = new Validator(model, set.Validation);
        using var schedule = new Optimizer(config, model.Parameters); // only its learning rates

        var target = validator.BicubicPsnr + PublishedFigures.Gain(config.Network, config.Scale)!.Value;
        var (clock, step, best) = (new Stopwatch(), 0, 0.0);
        while (step < config.Steps && best < target)
        {
            clock.Start();
            do
            {
                step++;
                training.Step(step, schedule.LearningRate(step));
            }
            while (step % (TimeToQuality.Interval / config.Batch) != 0);
            clock.Stop();
            model.Load(centering.Fold([.. fresh.Tensors.Zip(training.Averages, (t, values) => t with { Values = values })]));
            best = Math.Max(best, validator.Run());
        }
        return new QualityTime("libtorch, channels last", config.Optimizer, best >= target ? clock.Elapsed.TotalSeconds : null, (long)step * config.Batch, best, target);
    }

    private void Step(int step, double rate)
    {
        Parallel.For(0, config.Batch, workers, i => sampler.Cut(((step - 1L) * config.Batch) + i, Part(inputs, i), Part(targets, i)));
        using var scope = NewDisposeScope();
        foreach (var (group, factor) in optimizer.ParamGroups.Zip(factors)) group.LearningRate = rate * factor;
        optimizer.zero_grad();
        loss.forward(net.forward(tensor(inputs, inputShape)), tensor(targets, targetShape)).backward();
        optimizer.step();
        using var constant = no_grad();
        // As WeightAverage: the plain mean until the window is full.
        foreach (var (average, parameter) in averages.Zip(parameters)) average.lerp_(parameter, 1 / Math.Min(step, Math.Max(1, config.Average * config.Steps)));
    }

    private Span<float> Part(float[] values, int i)
    {
        var length = values.Length / config.Batch;
        return values.AsSpan(i * length, length);
    }

    public void Dispose()
    {
        foreach (var average in averages) average.Dispose();
        optimizer.Dispose();
        loss.Dispose();
        net.Dispose();
    }
}
