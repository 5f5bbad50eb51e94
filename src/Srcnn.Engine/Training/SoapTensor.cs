using System.Numerics;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// SOAP (Vyas et al., arXiv:2409.11321) for one weight tensor: Adam in the eigenbases of the covariances of its gradient, one along each of
/// its modes (taps, inputs, outputs). The modes of these networks are so short that their bases cost little, and the preconditioner fits
/// them very well.
/// </summary>
internal sealed unsafe class SoapTensor : IDisposable
{
    private const int FirstSweeps = 12;

    private readonly SoapMode[] modes;
    private readonly int length;
    private readonly Scratch memory = new();

    /// <param name="extents">Extents of the modes; the last one runs along memory.</param>
    public SoapTensor(params IReadOnlyList<int> extents)
    {
        length = Product(extents);
        modes = [.. extents.Select((extent, i) => new SoapMode(Product(extents.Take(i)), extent, Product(extents.Skip(i + 1))))];

        static int Product(IEnumerable<int> extents) => extents.Aggregate(1, (product, extent) => product * extent);
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
    /// The first step only starts the covariances. Valid until the next call.
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
        // Two buffers that rotations go to and fro between, with room behind each for vectors that reach past the end.
        var room = length + 16;
        float* from = memory.Rent(2 * room), to = from + room;
        gradient.CopyTo(new Span<float>(from, length));
        foreach (var mode in modes)
        {
            mode.Accumulate(from, step == 1 ? 0 : beta2);
            if (step == 1 || refresh) mode.Refresh(step == 1 ? FirstSweeps : 1);
        }
        if (step == 1)
        {
            // In its own eigenbasis the first gradient is diagonal, and Adam would blow up the rounding errors beside it.
            new Span<float>(from, length).Clear();
            return new(from, length);
        }
        Rotate(ref from, ref to, back: false);
        Square(new(from, length), moment2, beta2);
        moment1.CopyTo(new Span<float>(from, length));
        Rotate(ref from, ref to, back: false);
        Divide(new(from, length), moment2, (float)(1 / (1 - Math.Pow(beta1, step))), (float)(1 / (1 - Math.Pow(beta2, step - 1))));
        Rotate(ref from, ref to, back: true);
        return new(from, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mode in modes) mode.Dispose();
        memory.Dispose();
    }

    /// <summary>Into the eigenbases along every mode, or back out of them; the result is in <paramref name="from"/> again.</summary>
    private void Rotate(ref float* from, ref float* to, bool back)
    {
        foreach (var mode in modes)
        {
            mode.Rotate(from, to, back);
            var rotated = to;
            to = from;
            from = rotated;
        }
    }

    /// <summary>mean = decay·mean + (1−decay)·values².</summary>
    private static void Square(ReadOnlySpan<float> values, Span<float> mean, float decay)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            ((new Vector<float>(mean[i..]) * decay) + (value * value * (1 - decay))).CopyTo(mean[i..]);
        }
        for (; i < values.Length; i++) mean[i] = (mean[i] * decay) + (values[i] * values[i] * (1 - decay));
    }

    /// <summary>values = correction1·values / (√(correction2·squares) + ε).</summary>
    private static void Divide(Span<float> values, ReadOnlySpan<float> squares, float correction1, float correction2)
    {
        const float Epsilon = 1e-8f;
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var root = Vector.SquareRoot(new Vector<float>(squares[i..]) * correction2) + new Vector<float>(Epsilon);
            (new Vector<float>(values[i..]) * correction1 / root).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++) values[i] = values[i] * correction1 / (MathF.Sqrt(squares[i] * correction2) + Epsilon);
    }
}
