using Srcnn.Engine.Layers;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// The SOAP step over a parameter store: <see cref="SoapMatrix"/> for every weight, Adam for biases. The matrices are small, so the work is done
/// on the host whatever the backend; a device's gradient is read back once per step.
/// </summary>
internal sealed class Soap
{
    /// <summary>Steps between refreshed bases; early on, while the covariances still move, more often.</summary>
    private const int RefreshEvery = 20, EarlySteps = 100, RefreshEarly = 5;

    private readonly ParameterStore parameters;
    private readonly float[] rates;
    private readonly (Parameter Parameter, SoapMatrix? Matrix)[] parts;

    /// <param name="parameters">What is trained.</param>
    /// <param name="rates">Factor on the learning rate per element of the flat buffer.</param>
    public Soap(ParameterStore parameters, float[] rates)
    {
        (this.parameters, this.rates) = (parameters, rates);
        parts = [.. parameters.Parameters.Select(p => (p, Matrix(p.Shape)))];
    }

    /// <summary>What a checkpoint must keep besides the moments.</summary>
    public IEnumerable<NamedTensor> State => parts.Where(p => p.Matrix is not null).SelectMany(p => p.Matrix!.State(p.Parameter.Name));

    /// <summary>After the arrays of <see cref="State"/> were filled in.</summary>
    public void Restored()
    {
        foreach (var (_, matrix) in parts) matrix?.Restored();
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
            if (part.Matrix is null)
            {
                for (var i = start; i < start + length; i++)
                {
                    m2[i] = (m2[i] * s.Beta2) + (g[i] * g[i] * (1 - s.Beta2));
                    values[i] -= s.LearningRate * rates[i] * m1[i] * s.Correction1 / (MathF.Sqrt(m2[i] * s.Correction2) + s.Epsilon);
                }
                return;
            }
            var refresh = s.Step % RefreshEvery == 0 || (s.Step < EarlySteps && s.Step % RefreshEarly == 0);
            var direction = part.Matrix.Direction(s.Step, g.AsSpan(place), m1.AsSpan(place), m2.AsSpan(place), s.Beta1, s.Beta2, refresh);
            for (var i = 0; i < length; i++) values[start + i] -= s.LearningRate * rates[start + i] * direction[i];
        });
        parameters.Values.CopyFrom(values);
        moment1.CopyFrom(m1);
        moment2.CopyFrom(m2);
    }

    /// <summary>Taps and input channels by output channels; where there are too few outputs for a covariance, taps by channels.</summary>
    private static SoapMatrix? Matrix(Shape weight)
    {
        var taps = weight.N * weight.H;
        if ((taps, weight.W) == (1, 1)) return null;
        return weight.C > 4 ? new SoapMatrix(taps * weight.W, weight.C) : new SoapMatrix(taps, weight.W * weight.C);
    }
}
