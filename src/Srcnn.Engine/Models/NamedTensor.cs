namespace Srcnn.Engine.Models;

/// <summary>A tensor as model files hold it: row-major values; convolution weights in PyTorch's order [K, C, R, S].</summary>
/// <param name="Name">The parameter's name, such as <c>conv1.weight</c>.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Values">As many values as the product of the sizes.</param>
/// <param name="Type">As what a file holds the values.</param>
public sealed record NamedTensor(string Name, int[] Shape, float[] Values, TensorType Type = TensorType.F32)
{
    /// <summary>The shape as messages print it, such as [64, 1, 9, 9].</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>The tensor called <paramref name="name"/>, of that shape.</summary>
    /// <exception cref="ModelException">It is missing or of another shape; <paramref name="source"/> names the file.</exception>
    internal static NamedTensor Find(IReadOnlyDictionary<string, NamedTensor> tensors, string name, int[] shape, string source) =>
        tensors.TryGetValue(name, out var tensor) && tensor.Shape.SequenceEqual(shape)
            ? tensor
            : throw new ModelException(source, $"{name} is missing or of another shape", "expected the whole state of a run", "start the run anew");

    /// <summary>The number of values that <paramref name="shape"/> asks for; null where it is negative or overflows.</summary>
    internal static long? Count(ReadOnlySpan<int> shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            if (size < 0 || (size > 0 && count > long.MaxValue / size)) return null;
            count *= size;
        }
        return count;
    }

    /// <summary>Position of the first value that is NaN or infinite, or −1.</summary>
    internal int FirstNonFinite() => Array.FindIndex(Values, v => !float.IsFinite(v));
}

/// <summary>As what a safetensors file holds values that are float in memory.</summary>
public enum TensorType
{
    /// <summary>Any value.</summary>
    F32,

    /// <summary>Values that are IEEE halves.</summary>
    F16,

    /// <summary>Whole numbers from −128 to 127.</summary>
    I8,
}
