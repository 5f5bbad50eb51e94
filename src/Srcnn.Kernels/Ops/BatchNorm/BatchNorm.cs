namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>
    /// What a part of a batch tells of its channels: moments[0,0,0,c] = its pixels, [0,0,1,c] = their mean m, [0,0,2,c] = Σ(input − m)². Overwrites.
    /// </summary>
    void ChannelMoments(Tensor input, Tensor moments);

    /// <summary>Takes the moments of another part into <paramref name="moments"/>, which are then those of both (Chan, Golub and LeVeque 1979).</summary>
    void MergeMoments(Tensor other, Tensor moments);

    /// <summary>Moves running statistics a step of <paramref name="momentum"/> towards a batch's mean and unbiased variance.</summary>
    void TrackMoments(Tensor moments, float momentum, Tensor mean, Tensor variance);

    /// <summary>output = x̂·scale + shift with x̂ = (input − mean)/√(variance + ε), channel by channel (Ioffe and Szegedy, arXiv:1502.03167). Overwrites.</summary>
    void BatchNormForward(Tensor input, Tensor moments, float epsilon, Tensor scale, Tensor shift, Tensor output);

    /// <summary>sums[0,0,0,c] = Σ outputGrad, [0,0,1,c] = Σ outputGrad·x̂ over the pixels of a part: the gradients of shift and scale. Overwrites.</summary>
    void BatchNormSums(Tensor input, Tensor moments, float epsilon, Tensor outputGrad, Tensor sums);

    /// <summary>inputGrad = scale/√(variance + ε)·(outputGrad − (Σ outputGrad + x̂·Σ outputGrad·x̂)/pixels), with moments and sums of the whole batch. Overwrites.</summary>
    void BatchNormBackward(Tensor input, Tensor moments, float epsilon, Tensor scale, Tensor sums, Tensor outputGrad, Tensor inputGrad);
}

internal static class BatchNormShapes
{
    public static Shape Moments(int channels) => new(1, 1, 3, channels);

    public static Shape Sums(int channels) => new(1, 1, 2, channels);

    public static void Check(Tensor input, Tensor moments, params ReadOnlySpan<Tensor> vectors)
    {
        ShapeException.ThrowUnless(moments.Shape, Moments(input.Shape.C), "batch norm: moments");
        foreach (var vector in vectors) ShapeException.ThrowUnless(vector.Shape, Shape.Vector(input.Shape.C), "batch norm: scale, shift");
    }

    public static void CheckSame(Tensor input, params ReadOnlySpan<Tensor> others)
    {
        foreach (var other in others) ShapeException.ThrowUnless(other.Shape, input.Shape, "batch norm: output, gradients");
    }

    public static void CheckSums(Tensor input, Tensor sums) => ShapeException.ThrowUnless(sums.Shape, Sums(input.Shape.C), "batch norm: sums");

    public static void CheckTrack(Tensor moments, Tensor mean, Tensor variance)
    {
        ShapeException.ThrowUnless(moments.Shape, Moments(mean.Shape.C), "batch norm: moments");
        ShapeException.ThrowUnless(variance.Shape, mean.Shape, "batch norm: running variance");
    }
}
