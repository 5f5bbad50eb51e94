using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// Everything that training changes: the weights, the optimiser's state and the weights' average. The weights may be those of a centred
/// network; what is validated and saved as a model is <see cref="Publish"/>ed: averaged and plain.
/// </summary>
internal sealed class Learner : IDisposable
{
    private readonly TrainingConfig config;
    private readonly Machine machine = Machine.Current();
    private readonly Optimizer optimizer;
    private readonly WeightAverage? average;
    private readonly Centering centering;
    private readonly Model published;

    /// <summary>Builds the network of <paramref name="config"/> on <paramref name="backend"/>, its weights zero.</summary>
    /// <exception cref="ConfigException">The configuration does not fit the network.</exception>
    /// <exception cref="UnknownNetworkException">No network has that name.</exception>
    public Learner(TrainingConfig config, IBackend backend)
    {
        this.config = config;
        var network = NetworkCatalog.Parse(config.Network) with { Channels = config.Channels };
        if (network is SrcnnConfig srcnn) network = srcnn with { Start = config.Start };
        if (config.Scales.Count > 0 && network.Input == NetworkInput.LowResolution)
            throw new ConfigException($"scales is {string.Join(' ', config.Scales)}; {network.Name} enlarges by one factor; expected --scale; train one model for each");
        centering = new Centering(network, config.Center);
        Model = new Model(network, config.Scale, backend);
        published = new Model(network, config.Scale, backend);
        optimizer = new Optimizer(config, Model.Parameters);
        if (config.Average > 0) average = new WeightAverage(Model.Parameters, config.Average * config.Steps);
    }

    /// <summary>What is trained.</summary>
    public Model Model { get; }

    /// <summary>Fresh weights, or those of the model to start from.</summary>
    /// <exception cref="ModelException">That model is unusable, or of another network or scale.</exception>
    public void Start()
    {
        Model.Parameters.Initialize(config.Seed);
        Model.Load(Initial() is { } initial ? centering.Unfold(ModelFile.InOrder(Model.Network, config.Scale, Model.Network.GrowFrom(initial.File, config.Scale), initial.Name))
            : Model.Network is SrcnnConfig { Start: SrcnnStart.Identity } ? centering.Lift(Model.Save(), config.Channels)
            : Model.Save());
    }

    /// <summary>Goes back to where <paramref name="checkpoint"/> was taken; <paramref name="source"/> names it in messages.</summary>
    /// <exception cref="ModelException">It lacks something.</exception>
    public void Restore(Checkpoint checkpoint, string source)
    {
        var state = checkpoint.State.ToDictionary(t => t.Name);
        Model.Parameters.FromFile(Model.Parameters.Values, state, Checkpoint.Trained, source);
        optimizer.Load(state, source);
        average?.Load(state, source);
    }

    /// <summary>The learning rate of step <paramref name="step"/>.</summary>
    public double LearningRate(int step) => optimizer.LearningRate(step);

    /// <summary>Step <paramref name="step"/> (from 1) down <paramref name="grads"/>.</summary>
    public void Step(int step, Tensor grads)
    {
        using var timed = Model.Backend.Profile?.Begin("optimizer");
        optimizer.Step(step, grads);
        average?.Add(step);
    }

    /// <summary>The model as it may be used: the average of the weights, not centred. The same object each time.</summary>
    /// <param name="step">Of the run.</param>
    public Model Publish(int step)
    {
        published.Load(Published(step));
        return published;
    }

    /// <summary>The model as it is published, with its record, as a file holds it.</summary>
    /// <param name="step">Of the run.</param>
    /// <param name="psnr">dB; null where it was not measured.</param>
    public ModelFile Snapshot(int step, double? psnr) =>
        new(Model.Network, new Scales(config.AllScales), Published(step), Record(step), psnr, config.Class);

    /// <summary>All of it, to go on from later.</summary>
    public Checkpoint Capture(RunState run) => new(
        Snapshot(run.Step, null), [.. Model.Parameters.ToFile(Model.Parameters.Values, Checkpoint.Trained), .. optimizer.Save(), .. average?.Save() ?? []], run, config.ToJson());

    private IReadOnlyList<NamedTensor> Published(int step)
    {
        // Before the first step there is no average.
        var values = step > 0 && average is not null ? average.Values : Model.Parameters.Values;
        return centering.Fold([.. Model.Parameters.ToFile(values)]);
    }

    /// <summary>The model to start from, or null.</summary>
    private (ModelFile File, string Name)? Initial()
    {
        if (config.From is { } from) return (ModelCatalog.Resolve(from, config.Scale), from);
        if (config.Init is not { } path) return null;
        var file = ModelFile.Load(path);
        return file.Scales.Contain(config.Scale) ? (file, path)
            : throw new ModelException(path, $"a model for ×{file.Scales}", $"expected ×{config.Scale}", "give a model of that scale, change --scale, or give it with --from to go over to another scale");
    }

    private string Record(int step)
    {
        var record = new Dictionary<string, string>
        {
            ["data"] = config.Data.Count == 0 ? "generated" : string.Join(", ", config.Data.Select(d => Path.GetFileName(Path.TrimEndingDirectorySeparator(d)))),
            ["steps"] = step.ToString(CultureInfo.InvariantCulture),
            ["batch"] = config.Batch.ToString(CultureInfo.InvariantCulture),
            ["optimizer"] = config.Optimizer.ToString(),
            ["lr"] = config.Lr.ToString(CultureInfo.InvariantCulture),
            ["seed"] = config.Seed.ToString(CultureInfo.InvariantCulture),
            ["backend"] = Model.Backend.Name,
            ["machine"] = $"{machine.Cpu}, {machine.Cores} cores",
            ["version"] = typeof(Trainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        };
        if (config.Teacher is { } teacher) record["teacher"] = Path.GetFileName(teacher);
        return JsonSerializer.Serialize(record);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        published.Dispose();
        optimizer.Dispose();
        average?.Dispose();
    }
}
