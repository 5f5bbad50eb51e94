using ILGPU;

namespace Srcnn.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void ConvTranspose2dToPhases(in ConvTranspose2dGeometry geometry, Tensor weight, Tensor bias, Tensor phaseWeight, Tensor phaseBias)
    {
        geometry.Check(weight, bias, phaseWeight, phaseBias);
        For(phaseWeight.Shape.Length, new ConvTranspose2dToPhasesKernel(geometry, phaseWeight.Shape, View(weight), View(phaseWeight)));
        For(phaseBias.Shape.Length, new ConvTranspose2dBiasKernel(geometry.OutChannels, View(bias), View(phaseBias)));
    }

    /// <inheritdoc/>
    public void ConvTranspose2dFromPhases(in ConvTranspose2dGeometry geometry, Tensor phaseWeightGrad, Tensor phaseBiasGrad, Tensor weightGrad, Tensor biasGrad)
    {
        geometry.Check(weightGrad, biasGrad, phaseWeightGrad, phaseBiasGrad);
        For(phaseWeightGrad.Shape.Length, new ConvTranspose2dFromPhasesKernel(geometry, phaseWeightGrad.Shape, View(phaseWeightGrad), View(weightGrad)));
        AddChannelSums(View(phaseBiasGrad), new Shape(1, geometry.Stride, geometry.Stride, geometry.OutChannels), View(biasGrad));
    }
}

/// <summary>Where element <paramref name="i"/> of the phases' weights [T, T, C, stride²·K] comes from.</summary>
internal readonly struct ConvTranspose2dPlace(ConvTranspose2dGeometry g, Shape phases, int i)
{
    private readonly int r = g.Tap(i / phases.C / phases.W / phases.H, i % phases.C / g.OutChannels / g.Stride);
    private readonly int s = g.Tap(i / phases.C / phases.W % phases.H, i % phases.C / g.OutChannels % g.Stride);
    private readonly int c = i / phases.C % phases.W;
    private readonly int k = i % g.OutChannels;

    /// <summary>Whether the kernel has such a tap.</summary>
    public bool Exists => r >= 0 && s >= 0 && r < g.KernelSize && s < g.KernelSize;

    /// <summary>The element of the weights [R, S, C, K].</summary>
    public int Index => ((r * g.KernelSize + s) * g.InChannels + c) * g.OutChannels + k;
}

/// <summary>One thread per weight of the phases.</summary>
internal readonly struct ConvTranspose2dToPhasesKernel(ConvTranspose2dGeometry g, Shape shape, ArrayView<float> weight, ArrayView<float> phases) : IKernel
{
    public void Execute(Index1D i)
    {
        var place = new ConvTranspose2dPlace(g, shape, i);
        phases[i] = place.Exists ? weight[place.Index] : 0f;
    }
}

/// <summary>One thread per weight of the phases; no two of them meet in one weight of the kernel.</summary>
internal readonly struct ConvTranspose2dFromPhasesKernel(ConvTranspose2dGeometry g, Shape shape, ArrayView<float> phases, ArrayView<float> weight) : IKernel
{
    public void Execute(Index1D i)
    {
        var place = new ConvTranspose2dPlace(g, shape, i);
        if (place.Exists) weight[place.Index] += phases[i];
    }
}

internal readonly struct ConvTranspose2dBiasKernel(int channels, ArrayView<float> bias, ArrayView<float> phases) : IKernel
{
    public void Execute(Index1D i) => phases[i] = bias[i % channels];
}
