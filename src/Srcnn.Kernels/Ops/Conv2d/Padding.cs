namespace Srcnn.Kernels;

/// <summary>What stands outside the picture.</summary>
public enum PaddingMode
{
    /// <summary>Zeros.</summary>
    Zero,

    /// <summary>The nearest pixel of the border, again and again.</summary>
    Replicate,
}

/// <summary>Pixels added around a picture before a convolution.</summary>
public readonly record struct Padding(int Top, int Left, int Bottom, int Right, PaddingMode Mode = PaddingMode.Zero)
{
    /// <summary>Nothing is added: the output is smaller than the input by the kernel size less one ('valid').</summary>
    public static Padding None => default;

    /// <summary>The padding that keeps the picture's size for an odd kernel ('same').</summary>
    public static Padding Same(int kernelSize, PaddingMode mode)
    {
        var half = kernelSize / 2;
        return new Padding(half, half, kernelSize - 1 - half, kernelSize - 1 - half, mode);
    }

    /// <summary>Whether anything is added.</summary>
    public bool IsNone => (Top | Left | Bottom | Right) == 0;

    /// <summary>The shape of a padded <paramref name="input"/>.</summary>
    public Shape Around(Shape input) => input with { H = input.H + Top + Bottom, W = input.W + Left + Right };
}
