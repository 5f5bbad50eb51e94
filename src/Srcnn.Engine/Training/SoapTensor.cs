using Srcnn.Engine.Models;

namespace Srcnn.Engine.Training;

/// <summary>
/// SOAP (Vyas et al., arXiv:2409.11321) for one weight tensor: Adam in the eigenbases of the covariances of its gradient, one along each of
/// its modes (taps, inputs, outputs). The modes of these networks are so short that their bases cost little, and the preconditioner fits
/// them very well.
/// </summary>
internal sealed class SoapTensor
{
    private const int FirstSweeps = 12;

    private readonly SoapMode[] modes;
    private readonly float[] rotated, direction, scratch;

    /// <param name="extents">Extents of the modes; the last one runs along memory.</param>
    public SoapTensor(params IReadOnlyList<int> extents)
    {
        var length = extents.Aggregate((product, extent) => product * extent);
        modes = [.. extents.Select((extent, i) => new SoapMode(extent, extents.Skip(i + 1).Aggregate(1, (product, later) => product * later)))];
        (rotated, direction, scratch) = (new float[length], new float[length], new float[length]);
    }

    /// <summary>What a checkpoint must keep; filling the arrays restores it.</summary>
    public IEnumerable<NamedTensor> State(string name) => modes.SelectMany((mode, i) => new NamedTensor[]
    {
        new($"covariance{i}/{name}", [mode.Extent, mode.Extent], mode.Covariance),
        new($"basis{i}/{name}", [mode.Extent, mode.Extent], mode.Basis),
    });

    /// <summary>After a checkpoint's arrays were filled in.</summary>
    public void Restored()
    {
        foreach (var mode in modes) mode.Refresh(sweeps: 0);
    }

    /// <summary>
    /// The direction of one step: the first moment in the eigenbases, divided by the root of the second moment there, rotated back.
    /// The first step only starts the covariances.
    /// </summary>
    /// <param name="step">From 1.</param>
    /// <param name="gradient">In the tensor's own order, as all here.</param>
    /// <param name="moment1">First moment, in the weights' own basis, already updated.</param>
    /// <param name="moment2">Second moment in the eigenbases; updated here.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment and of the covariances.</param>
    /// <param name="refresh">Bring the eigenbases up to date.</param>
    public ReadOnlySpan<float> Direction(int step, ReadOnlySpan<float> gradient, ReadOnlySpan<float> moment1, Span<float> moment2, float beta1, float beta2, bool refresh)
    {
        foreach (var mode in modes)
        {
            mode.Accumulate(gradient, step == 1 ? 0 : beta2);
            if (step == 1 || refresh) mode.Refresh(step == 1 ? FirstSweeps : 1);
        }
        if (step == 1) return direction; // zeros: in its own eigenbasis the first gradient is diagonal, and Adam would blow up the rounding errors beside it
        Rotate(gradient, rotated, back: false);
        Rotate(moment1, direction, back: false);
        float correction1 = (float)(1 / (1 - Math.Pow(beta1, step))), correction2 = (float)(1 / (1 - Math.Pow(beta2, step - 1)));
        for (var i = 0; i < rotated.Length; i++)
        {
            moment2[i] = (moment2[i] * beta2) + (rotated[i] * rotated[i] * (1 - beta2));
            rotated[i] = direction[i] * correction1 / (MathF.Sqrt(moment2[i] * correction2) + 1e-8f);
        }
        Rotate(rotated, direction, back: true);
        return direction;
    }

    /// <summary>Into the eigenbases along every mode, or back out of them.</summary>
    private void Rotate(ReadOnlySpan<float> source, Span<float> destination, bool back)
    {
        Span<float> from = scratch, to = destination;
        // So that the last rotation ends in the destination.
        if (modes.Length % 2 == 0)
        {
            var swapped = from;
            from = to;
            to = swapped;
        }
        modes[0].Rotate(source, to, back);
        foreach (var mode in modes.AsSpan(1))
        {
            var swapped = from;
            from = to;
            to = swapped;
            mode.Rotate(from, to, back);
        }
    }
}
