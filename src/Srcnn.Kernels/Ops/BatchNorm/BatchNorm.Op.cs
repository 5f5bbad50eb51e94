namespace Srcnn.Kernels;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy, arXiv:1502.03167): in training by the statistics of the batch, all parts of which must have come that far;
/// for pictures by running statistics, which a convolution before it takes in.
/// </summary>
public sealed class BatchNorm : Op
{
    /// <summary>PyTorch's, which published weights were trained with.</summary>
    private const float Epsilon = 1e-5f, Momentum = 0.1f;

    private const string Running = "running moments";

    private readonly Parameter scale, shift, mean, variance;
    private readonly int channels;

    /// <param name="name">Prefix of the parameter names: "block1.bn1".</param>
    /// <param name="channels">Of its input.</param>
    public BatchNorm(string name, int channels)
    {
        (Name, this.channels) = (name, channels);
        var shape = Shape.Vector(channels);
        scale = new Parameter($"{name}.weight", shape, Initializers.Constant(1));
        shift = new Parameter($"{name}.bias", shape, Initializers.Zero);
        mean = new Parameter($"{name}.running_mean", shape, Initializers.Zero, IsTrained: false);
        variance = new Parameter($"{name}.running_var", shape, Initializers.Constant(1), IsTrained: false);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [scale, shift, mean, variance];

    /// <inheritdoc/>
    public override bool NeedsBatch => true;

    /// <inheritdoc/>
    public override int Channels(IReadOnlyList<int> inputs) => inputs[0];

    /// <inheritdoc/>
    public override double Flops(Shape output) => 2.0 * output.Length;

    /// <summary>For pictures it is a factor and a shift of each channel.</summary>
    internal (float[] Factors, float[] Shifts) Affine(ParameterStore parameters)
    {
        float[] g = parameters.Value(scale).ToArray(), b = parameters.Value(shift).ToArray(), m = parameters.Value(mean).ToArray(), v = parameters.Value(variance).ToArray();
        var factors = new float[channels];
        for (var c = 0; c < channels; c++)
        {
            factors[c] = (float)(g[c] / Math.Sqrt(v[c] + (double)Epsilon));
            b[c] = (float)(b[c] - ((double)factors[c] * m[c]));
        }
        return (factors, b);
    }

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters, bool training)
    {
        if (training) return;
        // As moments of one pixel: its sum of squares is the variance.
        var moments = parameters.Derived(mean, Running, BatchNormShapes.Moments(channels));
        parameters.Backend.Fill(moments.Slice(0, Shape.Vector(channels)), 1);
        parameters.Backend.Copy(parameters.Value(mean), moments.Slice(channels, Shape.Vector(channels)));
        parameters.Backend.Copy(parameters.Value(variance), moments.Slice(2 * channels, Shape.Vector(channels)));
    }

    /// <inheritdoc/>
    internal override Tensor? Collect(in OpRun run)
    {
        if (!run.IsTraining) return null;
        using var timed = run.Time("moments");
        var moments = Moments(run);
        run.Backend.ChannelMoments(run.Input(), moments);
        return moments;
    }

    /// <inheritdoc/>
    internal override Tensor CollectGrad(in OpRun run)
    {
        using var timed = run.Time("sums");
        var sums = Sums(run);
        run.Backend.BatchNormSums(run.Input(), Moments(run), Epsilon, run.OutputGrad, sums);
        run.Backend.AddScaled(sums.Slice(0, Shape.Vector(channels)), 1, run.Grad(shift));
        run.Backend.AddScaled(sums.Slice(channels, Shape.Vector(channels)), 1, run.Grad(scale));
        return sums;
    }

    /// <inheritdoc/>
    internal override void Merge(IBackend backend, Tensor other, Tensor statistics)
    {
        if (statistics.Shape == BatchNormShapes.Moments(channels)) backend.MergeMoments(other, statistics);
        else backend.AddScaled(other, 1, statistics);
    }

    /// <inheritdoc/>
    internal override void Track(ParameterStore parameters, Tensor statistics) =>
        parameters.Backend.TrackMoments(statistics, Momentum, parameters.Value(mean), parameters.Value(variance));

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass);
        var moments = run.IsTraining ? Moments(run) : run.Parameters.Prepared(mean, Running);
        run.Backend.BatchNormForward(run.Input(), moments, Epsilon, run.Value(scale), run.Value(shift), run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        if (!run.Wants()) return;
        using var timed = run.Time(InputPass);
        run.Backend.BatchNormBackward(run.Input(), Moments(run), Epsilon, run.Value(scale), Sums(run), run.OutputGrad, run.InputGrad());
    }

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs) =>
        nodes.Add("BatchNormalization", [inputs[0], nodes.Weight(scale), nodes.Weight(shift), nodes.Weight(mean), nodes.Weight(variance)], ("epsilon", Epsilon));

    private Tensor Moments(in OpRun run) => run.Slot("moments", BatchNormShapes.Moments(channels));

    private Tensor Sums(in OpRun run) => run.Slot("sums", BatchNormShapes.Sums(channels));
}

/// <summary>The word for it.</summary>
public static class BatchNormWord
{
    /// <summary>Batch normalisation.</summary>
    public static Map BatchNorm(this Map input, string name) => input.Then(new BatchNorm(name, input.Channels));
}
