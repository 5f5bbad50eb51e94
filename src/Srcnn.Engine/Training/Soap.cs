using Srcnn.Engine.Layers;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// The SOAP step over a parameter store: <see cref="SoapTensor"/> for every weight, Adam for biases. The tensors are small, so the work is done
/// on the host whatever the backend; a device's gradient is read back once per step.
/// </summary>
internal sealed class Soap
{
    /// <summary>Steps between refreshed bases; early on, while the covariances still move, more often.</summary>
    private const int RefreshEvery = 20, EarlySteps = 100, RefreshEarly = 5;

    /// <summary>Longest mode that taps and inputs make together: a refresh costs the cube of it.</summary>
    private const int MaxMerged = 128;

    /// <summary>Up to so many outputs (a picture's channels), taps and inputs stay modes of their own: they are all the structure there is.</summary>
    private const int MaxVectorOutputs = 4;

    private readonly ParameterStore parameters;
    private readonly float[] rates;
    private readonly (Parameter Parameter, SoapTensor? Tensor)[] parts;

    /// <param name="parameters">What is trained.</param>
    /// <param name="rates">Factor on the learning rate per element of the flat buffer.</param>
    public Soap(ParameterStore parameters, float[] rates)
    {
        (this.parameters, this.rates) = (parameters, rates);
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
        float[] values = parameters.Values.ToArray(), g = grads.ToArray(), m1 = moment1.ToArray(), m2 = moment2.ToArray();
        var s = step;
        Parallel.ForEach(parts, part =>
        {
            var place = parameters.Place(part.Parameter);
            var (start, length) = place.GetOffsetAndLength(values.Length);
            for (var i = start; i < start + length; i++) m1[i] = (m1[i] * s.Beta1) + (g[i] * (1 - s.Beta1));
            if (part.Tensor is null)
            {
                for (var i = start; i < start + length; i++)
                {
                    m2[i] = (m2[i] * s.Beta2) + (g[i] * g[i] * (1 - s.Beta2));
                    values[i] -= s.LearningRate * rates[i] * m1[i] * s.Correction1 / (MathF.Sqrt(m2[i] * s.Correction2) + s.Epsilon);
                }
                return;
            }
            var refresh = s.Step % RefreshEvery == 0 || (s.Step < EarlySteps && s.Step % RefreshEarly == 0);
            var direction = part.Tensor.Direction(s.Step, g.AsSpan(place), m1.AsSpan(place), m2.AsSpan(place), s.Beta1, s.Beta2, refresh);
            for (var i = 0; i < length; i++) values[start + i] -= s.LearningRate * rates[start + i] * direction[i];
        });
        parameters.Values.CopyFrom(values);
        moment1.CopyFrom(m1);
        moment2.CopyFrom(m2);
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
