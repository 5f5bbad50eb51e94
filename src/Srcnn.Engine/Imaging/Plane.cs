using System.Runtime.Intrinsics;

namespace Srcnn.Engine.Imaging;

/// <summary>One channel as floats, row by row from the top; nominal range [0, 1], values outside are kept.</summary>
public sealed class Plane
{
    /// <param name="values">[Height, Width]; not copied.</param>
    public Plane(int width, int height, float[] values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (values.LongLength != (long)width * height)
            throw new ArgumentException($"{values.LongLength} values for {width}×{height}", nameof(values));
        (Width, Height, Values) = (width, height, values);
    }

    /// <summary>Zeros.</summary>
    public Plane(int width, int height) : this(width, height, new float[checked(width * height)]) { }

    public int Width { get; }
    public int Height { get; }
    /// <summary>[Height, Width].</summary>
    public float[] Values { get; }

    /// <summary>The values of a row, which may be written.</summary>
    public Span<float> Row(int y) => Values.AsSpan(y * Width, Width);

    /// <summary>Channel <paramref name="channel"/> of an image, divided by its largest possible sample.</summary>
    public static Plane FromChannel(Image image, int channel)
    {
        var plane = new Plane(image.Width, image.Height);
        var max = (float)image.MaxSample;
        for (int i = 0, s = channel; i < plane.Values.Length; i++, s += image.Channels)
            plane.Values[i] = image.Samples[s] / max;
        return plane;
    }

    /// <summary>The values as 8-bit numbers: times 255, clipped, rounded half up. NaN becomes 0.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Values.Length];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)Quantise(Values[i], 255);
        return bytes;
    }

    /// <summary>value·max, clipped to [0, max] and rounded half up. NaN becomes 0.</summary>
    internal static int Quantise(float value, int max) => (int)(Math.Clamp(float.IsNaN(value) ? 0.0 : value, 0.0, 1.0) * max + 0.5);

    /// <summary>The same of several values in float, product and sum rounded once: next to the middle between two samples either may be taken.</summary>
    internal static Vector256<int> Quantise(Vector256<float> values, int max)
    {
        values = Vector256.MinNative(Vector256.MaxNative(values, Vector256<float>.Zero), Vector256<float>.One);
        return Vector256.ConvertToInt32Native(Vector256.FusedMultiplyAdd(values, Vector256.Create((float)max), Vector256.Create(0.5f)));
    }

    /// <summary>The top left part, cut so that both sides are multiples of <paramref name="scale"/>.</summary>
    public Plane CropToMultiple(int scale)
    {
        var (width, height) = (Width - Width % scale, Height - Height % scale);
        if (width == 0 || height == 0)
            throw new ArgumentException($"a picture of {Width}×{Height} pixels has no part that is a multiple of {scale}", nameof(scale));
        if (width == Width && height == Height) return this;
        var cropped = new Plane(width, height);
        for (var y = 0; y < height; y++) Row(y)[..width].CopyTo(cropped.Row(y));
        return cropped;
    }
}
