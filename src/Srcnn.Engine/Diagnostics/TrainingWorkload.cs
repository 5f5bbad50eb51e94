using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>Training steps on generated pictures, patches cut anew for each.</summary>
public sealed class TrainingWorkload : IWorkload
{
    private const int PictureSide = 192, Pictures = 4;

    private readonly Model model;
    private readonly GradientPass pass;
    private readonly Optimizer optimizer;
    private readonly PatchSampler sampler;
    private readonly Shape input, target;
    private readonly int batch;
    private int step;

    public TrainingWorkload(IBackend backend, NetworkConfig network, OptimizerKind kind, int batch, int patch)
    {
        this.batch = batch;
        var config = new TrainingConfig { Batch = batch, Patch = patch, Channels = network.Channels, Optimizer = kind, Lr = 1e-5, Schedule = Schedule.Constant, Momentum = 0.9 };
        model = new Model(network, config.Scale, backend);
        model.Parameters.Initialize(config.Seed);
        input = new Shape(batch, patch, patch, network.Channels);
        target = model.Training.Output(input, model.TrainingEdges);
        sampler = new PatchSampler([.. Enumerable.Range(0, Pictures).Select(i => Picture((ulong)i + 1, config, network.Input))], config, target.H);
        pass = new GradientPass(model, sampler, batch, patch);
        optimizer = new Optimizer(config, model.Parameters);
    }

    /// <inheritdoc/>
    public double Flops => batch * pass.Flops;

    /// <summary>The network with its weights as they are now, as a file holds it.</summary>
    public ModelFile Model => new(model.Network, model.Scale, model.Save());

    /// <summary>The gradients of the last step, in file order and layout.</summary>
    public IReadOnlyList<NamedTensor> Gradients => [.. model.Parameters.ToFile(pass.Grads)];

    /// <summary>The batch that the step numbered <paramref name="number"/> (from 0) will see.</summary>
    public (float[] Input, float[] Target) Batch(int number)
    {
        var (inputs, targets) = (new float[input.Length], new float[target.Length]);
        for (var i = 0; i < batch; i++)
            sampler.Cut(((long)number * batch) + i, inputs.AsSpan(i * input.Sample, input.Sample), targets.AsSpan(i * target.Sample, target.Sample));
        return (inputs, targets);
    }

    /// <inheritdoc/>
    public void Run()
    {
        pass.Run((long)step * batch);
        optimizer.Step(++step, pass.Grads);
        model.Backend.Synchronize();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        optimizer.Dispose();
        pass.Dispose();
        model.Dispose();
    }

    private static TrainingPicture Picture(ulong seed, TrainingConfig config, NetworkInput input)
    {
        var rgb = SyntheticImages.Generate(PictureSide, PictureSide, seed);
        var image = new Image(PictureSide, PictureSide, 3, 8, Array.ConvertAll(rgb, v => (ushort)v));
        return TrainingPicture.From($"generated {seed}", image, config.Scale, config.Channels, input);
    }
}
