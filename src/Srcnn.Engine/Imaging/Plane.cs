using System.Numerics;

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

    /// <summary>The same of several values. A sample is truncated in double: rounded to float first, it could become the next one.</summary>
    internal static Vector<int> Quantise(Vector<float> values, int max)
    {
        values = Vector.Min(Vector.Max(Vector.ConditionalSelect(Vector.Equals(values, values), values, Vector<float>.Zero), Vector<float>.Zero), Vector<float>.One);
        Vector.Widen(values, out var low, out var high);
        var (factor, half) = (new Vector<double>(max), new Vector<double>(0.5));
        return Vector.ConvertToInt32(Vector.Narrow(Vector.Floor((low * factor) + half), Vector.Floor((high * factor) + half)));
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
