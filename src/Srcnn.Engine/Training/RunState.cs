using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>Where a run stands, besides its weights and its optimiser.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="LoggedStep">The step of the last log line.</param>
/// <param name="BestPsnr">Best validation PSNR so far in dB; −∞ before the first.</param>
/// <param name="Losses">Loss sums since the last log line, see <see cref="GradientPass.Losses"/>.</param>
/// <param name="Layers">As of the last step whose log line is due.</param>
internal sealed record RunState(int Step, int LoggedStep, double BestPsnr, float[] Losses, IReadOnlyList<LayerState> Layers);

/// <summary>The health of one layer, seen in the gradient of one batch.</summary>
/// <param name="Name">Prefix of its parameters: "conv1".</param>
/// <param name="GradientNorm">Euclidean norm over its parameters.</param>
/// <param name="Dead">Filters whose bias has no gradient at all: no pixel of the batch passes their ReLU.</param>
public sealed record LayerState(string Name, double GradientNorm, int Dead)
{
    /// <summary>The layers in file order, from gradients in the layout of the parameters. Waits for the device.</summary>
    public static IReadOnlyList<LayerState> Of(ParameterStore parameters, Tensor grads)
    {
        var flat = grads.ToArray();
        return [.. parameters.Parameters.GroupBy(p => p.Name.Split('.')[0]).Select(layer => new LayerState(
            layer.Key,
            Math.Sqrt(layer.Sum(p => Elements(p).Sum(g => (double)g * g))),
            layer.Where(p => p.Name.EndsWith(".bias", StringComparison.Ordinal)).Sum(p => Elements(p).Count(g => g == 0))))];

        ArraySegment<float> Elements(Parameter parameter)
        {
            var (start, length) = parameters.Place(parameter).GetOffsetAndLength(flat.Length);
            return new ArraySegment<float>(flat, start, length);
        }
    }
}
