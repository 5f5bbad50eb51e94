namespace Srcnn.Kernels;

/// <summary>The function applied to a convolution's output before it is stored: <see cref="None"/>, <see cref="Relu"/> or <see cref="PRelu"/>.</summary>
public readonly record struct Activation
{
    /// <summary>The identity.</summary>
    public static Activation None => default;

    /// <summary>max(v, 0).</summary>
    public static Activation Relu => new() { IsRelu = true };

    public bool IsRelu { get; private init; }

    /// <summary>PReLU's slopes, null for the others.</summary>
    public Tensor? Slope { get; private init; }

    /// <summary>v where v &gt; 0, else slope·v; one slope per channel, [1, 1, 1, K], or one for all, [1, 1, 1, 1].</summary>
    public static Activation PRelu(Tensor slope) => new() { Slope = slope };

    /// <exception cref="ShapeException">The slopes do not fit the channels.</exception>
    internal void Check(int channels)
    {
        if (Slope is { } slope && slope.Shape != Shape.Vector(1)) ShapeException.ThrowUnless(slope.Shape, Shape.Vector(channels), "prelu: slope");
    }
}

/// <summary>An activation as an op of its own, which a convolution before it takes in.</summary>
public abstract unsafe class ActivationOp : Op
{
    private static readonly float[] Zero = [0];

    /// <inheritdoc/>
    public override int Channels(IReadOnlyList<int> inputs) => inputs[0];

    /// <summary>What it applies to every value.</summary>
    internal abstract Activation Of(ParameterStore parameters);

    /// <inheritdoc/>
    internal override bool TryStream(RowBuild rows, int[] inputs)
    {
        Prepare(rows.Parameters, training: false);
        var slope = Of(rows.Parameters).Slope;
        rows.Graph.Add(new PointwiseRowOp(rows.Graph.Channels(inputs[0]), (channel, input, output, count) => HostBackend.PRelu(input, Slopes(slope, channel), output, count)), inputs);
        rows.Graph.Describe(Name, 0);
        return true;

        // A ReLU is a slope of zero.
        static ReadOnlySpan<float> Slopes(Tensor? slope, int channel) =>
            slope is null ? Zero : slope.Shape.C == 1 || channel < 0 ? HostBackend.Elements(slope) : HostBackend.Elements(slope).Slice(channel, 1);
    }
}
