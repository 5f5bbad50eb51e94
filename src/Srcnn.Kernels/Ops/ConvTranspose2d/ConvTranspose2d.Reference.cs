using System.Numerics;

namespace Srcnn.Kernels;

/// <summary>Kernel taps and phases, in any number type; the host runs it too, for the weights are few.</summary>
internal static class ConvTranspose2dReference<T>
    where T : INumber<T>
{
    public static void ToPhases(in ConvTranspose2dGeometry g, View<T> weight, View<T> bias, View<T> phaseWeight, View<T> phaseBias)
    {
        for (var i = 0; i < phaseWeight.Shape.Length; i++) phaseWeight[i] = T.Zero;
        foreach (var (tap, phase) in Places(g))
        for (var c = 0; c < weight.Shape.W; c++)
        for (var k = 0; k < weight.Shape.C; k++)
            phaseWeight[phase + (c * phaseWeight.Shape.C) + k] = weight[tap + (c * weight.Shape.C) + k];
        for (var i = 0; i < phaseBias.Shape.Length; i++) phaseBias[i] = bias[i % g.OutChannels];
    }

    public static void FromPhases(in ConvTranspose2dGeometry g, View<T> phaseWeight, View<T> phaseBias, View<T> weight, View<T> bias)
    {
        foreach (var (tap, phase) in Places(g))
        for (var c = 0; c < weight.Shape.W; c++)
        for (var k = 0; k < weight.Shape.C; k++)
            weight[tap + (c * weight.Shape.C) + k] += phaseWeight[phase + (c * phaseWeight.Shape.C) + k];
        for (var i = 0; i < phaseBias.Shape.Length; i++) bias[i % g.OutChannels] += phaseBias[i];
    }

    /// <summary>Where the [C, K] weights of every tap of the kernel begin, and their one place among the phases.</summary>
    private static IEnumerable<(int Tap, int Phase)> Places(ConvTranspose2dGeometry g)
    {
        Shape weight = g.Weight, phases = g.Phases.Weight;
        for (var ty = 0; ty < phases.N; ty++)
        for (var tx = 0; tx < phases.H; tx++)
        for (var i = 0; i < g.Stride; i++)
        for (var j = 0; j < g.Stride; j++)
        {
            int r = g.Tap(ty, i), s = g.Tap(tx, j);
            if ((uint)r >= (uint)g.KernelSize || (uint)s >= (uint)g.KernelSize) continue;
            yield return (((r * weight.H) + s) * weight.W * weight.C, (((ty * phases.H) + tx) * phases.W * phases.C) + (((i * g.Stride) + j) * g.OutChannels));
        }
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void ConvTranspose2dToPhases(in ConvTranspose2dGeometry geometry, Tensor weight, Tensor bias, Tensor phaseWeight, Tensor phaseBias)
    {
        geometry.Check(weight, bias, phaseWeight, phaseBias);
        ConvTranspose2dReference<double>.ToPhases(geometry, View(weight), View(bias), View(phaseWeight), View(phaseBias));
    }

    /// <inheritdoc/>
    public void ConvTranspose2dFromPhases(in ConvTranspose2dGeometry geometry, Tensor phaseWeightGrad, Tensor phaseBiasGrad, Tensor weightGrad, Tensor biasGrad)
    {
        geometry.Check(weightGrad, biasGrad, phaseWeightGrad, phaseBiasGrad);
        ConvTranspose2dReference<double>.FromPhases(geometry, View(phaseWeightGrad), View(phaseBiasGrad), View(weightGrad), View(biasGrad));
    }
}

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void ConvTranspose2dToPhases(in ConvTranspose2dGeometry geometry, Tensor weight, Tensor bias, Tensor phaseWeight, Tensor phaseBias)
    {
        geometry.Check(weight, bias, phaseWeight, phaseBias);
        ConvTranspose2dReference<float>.ToPhases(geometry, View(weight), View(bias), View(phaseWeight), View(phaseBias));
    }

    /// <inheritdoc/>
    public void ConvTranspose2dFromPhases(in ConvTranspose2dGeometry geometry, Tensor phaseWeightGrad, Tensor phaseBiasGrad, Tensor weightGrad, Tensor biasGrad)
    {
        geometry.Check(weightGrad, biasGrad, phaseWeightGrad, phaseBiasGrad);
        ConvTranspose2dReference<float>.FromPhases(geometry, View(phaseWeightGrad), View(phaseBiasGrad), View(weightGrad), View(biasGrad));
    }

    private static View<float> View(Tensor tensor) => new(Elements(tensor), tensor.Shape);
}
