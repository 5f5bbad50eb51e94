using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>The mean of the weights along a run, exponentially forgetting what is older than a window.</summary>
public sealed class WeightAverage : IDisposable
{
    private const string Prefix = "average/";

    private readonly ParameterStore parameters;
    private readonly double window;
    private readonly Tensor difference;

    /// <param name="parameters">What is trained.</param>
    /// <param name="window">Steps; 1 or less follows the weights.</param>
    public WeightAverage(ParameterStore parameters, double window)
    {
        (this.parameters, this.window) = (parameters, window);
        Values = parameters.Backend.Allocate(parameters.Values.Shape);
        difference = parameters.Backend.Allocate(parameters.Values.Shape);
    }

    /// <summary>The mean, in the layout of the parameters.</summary>
    public Tensor Values { get; }

    /// <summary>Takes in the weights after step <paramref name="step"/> (from 1): the plain mean until the window is full.</summary>
    public void Add(int step)
    {
        var share = 1 / Math.Min(step, Math.Max(1, window));
        // By the difference: what does not move, frozen weights, stays as it is to the bit.
        parameters.Backend.Copy(parameters.Values, difference);
        parameters.Backend.AddScaled(Values, -1, difference);
        parameters.Backend.AddScaled(difference, (float)share, Values);
    }

    /// <summary>What a checkpoint must keep.</summary>
    public IEnumerable<NamedTensor> Save() => parameters.ToFile(Values, Prefix);

    /// <summary>Restores what <see cref="Save"/> gave.</summary>
    /// <exception cref="ModelException">A tensor is missing or of another shape; <paramref name="source"/> names the file.</exception>
    public void Load(IReadOnlyDictionary<string, NamedTensor> state, string source) => parameters.FromFile(Values, state, Prefix, source);

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        difference.Dispose();
    }
}
