using System.Numerics;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// The SOAP step over a parameter store: <see cref="SoapTensor"/> for every weight, Adam for biases. The tensors are small, so the work is done
/// on the host whatever the backend; a device's gradient is read back once per step.
/// </summary>
internal sealed class Soap : IDisposable
{
    /// <summary>Steps between refreshed bases; early on, while the covariances still move, more often.</summary>
    private const int RefreshEvery = 20, EarlySteps = 100, RefreshEarly = 5;

    /// <summary>Longest mode that taps and inputs make together: a refresh costs the cube of it.</summary>
    private const int MaxMerged = 128;

    /// <summary>Up to so many outputs (a picture's channels), taps and inputs stay modes of their own: they are all the structure there is.</summary>
    private const int MaxVectorOutputs = 4;

    private readonly ParameterStore parameters;
    private readonly float[] rates;
    private readonly float decay;
    private readonly (Parameter Parameter, SoapTensor? Tensor)[] parts;
    private readonly HostBackend host = new(1);
    private Tensor[]? mirrors;

    /// <param name="parameters">What is trained.</param>
    /// <param name="rates">Factor on the learning rate per element of the flat buffer.</param>
    /// <param name="decay">This share of each weight is added to its direction, past the preconditioner (decoupled, arXiv:1711.05101); not of biases and slopes.</param>
    public Soap(ParameterStore parameters, float[] rates, float decay)
    {
        (this.parameters, this.rates, this.decay) = (parameters, rates, decay);
        parts = [.. parameters.Parameters.Select(p => (p, Modes(p.Shape) is { Count: > 0 } modes ? new SoapTensor(modes) : null))];
    }

    /// <summary>What a checkpoint must keep besides the moments.</summary>
    public IEnumerable<NamedTensor> State => parts.Where(p => p.Tensor is not null).SelectMany(p => p.Tensor!.State(p.Parameter.Name));

    /// <summary>After the arrays of <see cref="State"/> were filled in.</summary>
    public void Restored()
    {
        foreach (var (_, tensor) in parts) tensor?.Restored();
    }

    /// <summary>One step; all tensors in the layout of the parameters.</summary>
    public void Step(in AdamStep step, Tensor grads, Tensor moment1, Tensor moment2)
    {
        Tensor[] there = [parameters.Values, grads, moment1, moment2], here = parameters.Backend is HostBackend ? there : Copies(there);
        var (s, values, g, m1, m2) = (step, here[0], here[1], here[2], here[3]);
        Parallel.ForEach(parts, part =>
        {
            var place = parameters.Place(part.Parameter);
            Adam(s, part.Tensor, Part(values, place), Part(g, place), rates.AsSpan(place), Part(m1, place), Part(m2, place));
        });
        if (here == there) return;
        foreach (var i in new[] { 0, 2, 3 }) there[i].CopyFrom(HostBackend.Elements(here[i]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, tensor) in parts) tensor?.Dispose();
        foreach (var mirror in mirrors ?? []) mirror.Dispose();
    }

    private static Span<float> Part(Tensor tensor, Range place) => HostBackend.Elements(tensor)[place];

    /// <summary>A device's tensors in host memory.</summary>
    private Tensor[] Copies(Tensor[] tensors)
    {
        mirrors ??= [.. tensors.Select(t => host.Allocate(t.Shape))];
        for (var i = 0; i < tensors.Length; i++) tensors[i].CopyTo(HostBackend.Elements(mirrors[i]));
        return mirrors;
    }

    private void Adam(in AdamStep s, SoapTensor? tensor, Span<float> values, Span<float> g, ReadOnlySpan<float> rates, Span<float> m1, Span<float> m2)
    {
        Mix(m1, g, s.Beta1);
        if (tensor is null)
        {
            for (var i = 0; i < values.Length; i++)
            {
                m2[i] = (m2[i] * s.Beta2) + (g[i] * g[i] * (1 - s.Beta2));
                values[i] -= s.LearningRate * rates[i] * m1[i] * s.Correction1 / (MathF.Sqrt(m2[i] * s.Correction2) + s.Epsilon);
            }
            return;
        }
        var refresh = s.Step % RefreshEvery == 0 || (s.Step < EarlySteps && s.Step % RefreshEarly == 0);
        var direction = tensor.Direction(s.Step, g, m1, m2, s.Beta1, s.Beta2, refresh);
        Descend(values, direction, rates, s.LearningRate, decay);
    }

    /// <summary>mean = decay·mean + (1−decay)·values.</summary>
    private static void Mix(Span<float> mean, ReadOnlySpan<float> values, float decay)
    {
        var i = 0;
        for (; i <= mean.Length - Vector<float>.Count; i += Vector<float>.Count)
            ((new Vector<float>(mean[i..]) * decay) + (new Vector<float>(values[i..]) * (1 - decay))).CopyTo(mean[i..]);
        for (; i < mean.Length; i++) mean[i] = (mean[i] * decay) + (values[i] * (1 - decay));
    }

    /// <summary>values −= rate·rates·(direction + decay·values).</summary>
    private static void Descend(Span<float> values, ReadOnlySpan<float> direction, ReadOnlySpan<float> rates, float rate, float decay)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            (value - (rate * new Vector<float>(rates[i..]) * (new Vector<float>(direction[i..]) + (decay * value)))).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++) values[i] -= rate * rates[i] * (direction[i] + (decay * values[i]));
    }

    /// <summary>Taps, inputs and outputs, but for those of extent 1; taps and inputs are one mode where that is short. None for a vector.</summary>
    private static IReadOnlyList<int> Modes(Shape weight)
    {
        var (taps, inputs, outputs) = (weight.N * weight.H, weight.W, weight.C);
        if ((taps, inputs) == (1, 1)) return [];
        int[] modes = outputs > MaxVectorOutputs && taps * inputs <= MaxMerged ? [taps * inputs, outputs] : [taps, inputs, outputs];
        return [.. modes.Where(extent => extent > 1)];
    }
}
