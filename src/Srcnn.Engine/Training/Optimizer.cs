using System.IO.Enumeration;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>Turns gradients into steps: one launch over the flat parameter buffer, whatever the number of layers.</summary>
public sealed class Optimizer : IDisposable
{
    private readonly TrainingConfig config;
    private readonly ParameterStore parameters;
    private readonly Tensor rates, squaredNorm;
    private readonly IReadOnlyList<(string Name, Tensor Values)> moments;
    private readonly Soap? soap;

    /// <summary>Allocates the state, all zero.</summary>
    /// <exception cref="ConfigException">A pattern of the rates matches no parameter.</exception>
    public Optimizer(TrainingConfig config, ParameterStore parameters)
    {
        (this.config, this.parameters) = (config, parameters);
        var backend = parameters.Backend;
        rates = backend.Allocate(parameters.Values.Shape);
        squaredNorm = backend.Allocate(Shape.Vector(1));
        var factors = Rates(config, parameters);
        rates.CopyFrom(factors);
        moments = config.Optimizer == OptimizerKind.Sgd
            ? [("velocity", backend.Allocate(parameters.Values.Shape))]
            : [("moment1", backend.Allocate(parameters.Values.Shape)), ("moment2", backend.Allocate(parameters.Values.Shape))];
        if (config.Optimizer == OptimizerKind.Soap) soap = new Soap(parameters, factors, (float)config.WeightDecay);
    }

    /// <summary>What a checkpoint must keep: the moments in file order, named "moment1/conv1.weight", and SOAP's covariances and bases.</summary>
    public IEnumerable<NamedTensor> Save() =>
        [.. moments.SelectMany(m => parameters.ToFile(m.Values, $"{m.Name}/")), .. soap?.State ?? []];

    /// <summary>Restores what <see cref="Save"/> gave.</summary>
    /// <exception cref="ModelException">A tensor is missing or of another shape; <paramref name="source"/> names the file.</exception>
    public void Load(IReadOnlyDictionary<string, NamedTensor> state, string source)
    {
        foreach (var (name, values) in moments) parameters.FromFile(values, state, $"{name}/", source);
        foreach (var own in soap?.State ?? []) NamedTensor.Find(state, own.Name, own.Shape, source).Values.CopyTo(own.Values, 0);
        soap?.Restored();
    }

    /// <summary>Step <paramref name="step"/> (from 1) with gradients <paramref name="grads"/>.</summary>
    public void Step(int step, Tensor grads)
    {
        var rate = (float)LearningRate(step);
        Clip(grads, rate);
        var adam = new AdamStep(rate, (float)config.Beta1, (float)config.Beta2, 1e-8f, step);
        if (soap is not null) soap.Step(adam, grads, moments[0].Values, moments[1].Values);
        else if (config.Optimizer == OptimizerKind.Adam) parameters.Backend.Adam(adam, parameters.Values, grads, rates, moments[0].Values, moments[1].Values);
        else parameters.Backend.Sgd(new SgdStep(rate, (float)config.Momentum, (float)config.WeightDecay), parameters.Values, grads, rates, moments[0].Values);
    }

    private void Clip(Tensor grads, float rate)
    {
        if (config.ClipValue > 0) parameters.Backend.ClipValue(grads, (float)config.ClipValue / rate);
        if (config.ClipNorm == 0) return;
        parameters.Backend.SquaredNorm(grads, squaredNorm);
        parameters.Backend.ClipNorm(grads, squaredNorm, (float)config.ClipNorm);
    }

    /// <summary>The learning rate of step <paramref name="step"/>, before factors by parameter.</summary>
    public double LearningRate(int step)
    {
        var done = (step - 1.0) / config.Steps;
        // A range test rises by itself.
        var rising = config.Schedule == Schedule.Range ? 1 : Math.Min(1, (double)step / Math.Max(1, config.Warmup));
        return rising * config.Schedule switch
        {
            Schedule.Constant => config.Lr,
            Schedule.Cosine => config.LrEnd + ((config.Lr - config.LrEnd) * 0.5 * (1 + Math.Cos(Math.PI * done))),
            Schedule.Step => config.Lr * (done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01),
            Schedule.Range => config.LrEnd * Math.Pow(config.Lr / config.LrEnd, done),
            _ => throw new ConfigException($"schedule {config.Schedule} is unknown"),
        };
    }

    private static float[] Rates(TrainingConfig config, ParameterStore parameters)
    {
        Known("rates", config.Rates.Keys, parameters);
        Known("freeze", config.Freeze, parameters);
        var flat = new float[parameters.Values.Shape.Length];
        foreach (var parameter in parameters.Parameters)
        {
            var factor = !parameter.IsTrained || config.Freeze.Any(pattern => Matches(pattern, parameter)) ? 0 : config.Rates.LastOrDefault(r => Matches(r.Key, parameter), new("", 1)).Value;
            flat.AsSpan(parameters.Place(parameter)).Fill((float)factor);
        }
        return flat;
    }

    private static void Known(string key, IEnumerable<string> patterns, ParameterStore parameters)
    {
        if (patterns.FirstOrDefault(pattern => !parameters.Parameters.Any(p => Matches(pattern, p))) is { } idle)
            throw new ConfigException($"{key}[{idle}] matches no parameter; expected one of {string.Join(", ", parameters.Parameters.Select(p => p.Name))}, wildcards allowed; correct the configuration");
    }

    private static bool Matches(string pattern, Parameter parameter) => FileSystemName.MatchesSimpleExpression(pattern, parameter.Name);

    /// <inheritdoc/>
    public void Dispose()
    {
        rates.Dispose();
        squaredNorm.Dispose();
        soap?.Dispose();
        foreach (var (_, values) in moments) values.Dispose();
    }
}
