namespace Srcnn.Kernels;

/// <summary>Padding a sample in host memory, and its way back.</summary>
internal static unsafe class Borders
{
    /// <summary>Copies one sample into <paramref name="padded"/> with its border; returns it.</summary>
    public static float* Pad(float* source, Shape shape, Padding padding, float* padded)
    {
        var outer = padding.Around(shape);
        int row = shape.W * shape.C, outerRow = outer.W * shape.C;
        for (var y = 0; y < outer.H; y++)
        {
            var line = new Span<float>(padded + ((nint)y * outerRow), outerRow);
            var from = y - padding.Top;
            if (padding.Mode == PaddingMode.Replicate) from = Math.Clamp(from, 0, shape.H - 1);
            if ((uint)from >= (uint)shape.H)
            {
                line.Clear();
                continue;
            }
            var pixels = new ReadOnlySpan<float>(source + ((nint)from * row), row);
            pixels.CopyTo(line[(padding.Left * shape.C)..]);
            Ends(line, padding, shape);
        }
        return padded;
    }

    /// <summary>Fills the left and right border of a row whose middle is set.</summary>
    private static void Ends(Span<float> line, Padding padding, Shape shape)
    {
        Span<float> left = line[..(padding.Left * shape.C)], right = line[((padding.Left + shape.W) * shape.C)..];
        if (padding.Mode == PaddingMode.Zero)
        {
            left.Clear();
            right.Clear();
            return;
        }
        for (var x = 0; x < padding.Left; x++) line.Slice(padding.Left * shape.C, shape.C).CopyTo(left[(x * shape.C)..]);
        for (var x = 0; x < padding.Right; x++) line.Slice((padding.Left + shape.W - 1) * shape.C, shape.C).CopyTo(right[(x * shape.C)..]);
    }

    /// <summary>Spreads a gradient by its stride and puts it at (top, left) of a field of zeros; what falls outside is left out. Returns the field.</summary>
    public static float* Widen(float* source, Shape shape, int stride, int top, int left, Shape wide, float* field)
    {
        new Span<float>(field, wide.Length).Clear();
        for (var y = 0; y < shape.H; y++)
        {
            var toY = (y * stride) + top;
            if ((uint)toY >= (uint)wide.H) continue;
            if (stride == 1)
            {
                int first = Math.Max(0, -left), count = Math.Min(shape.W, wide.W - left) - first;
                if (count <= 0) continue;
                new ReadOnlySpan<float>(source + (((nint)y * shape.W) + first) * shape.C, count * shape.C)
                    .CopyTo(new Span<float>(field + (((nint)toY * wide.W) + first + left) * shape.C, count * shape.C));
                continue;
            }
            for (var x = 0; x < shape.W; x++)
            {
                var toX = (x * stride) + left;
                if ((uint)toX >= (uint)wide.W) continue;
                new ReadOnlySpan<float>(source + (((nint)y * shape.W) + x) * shape.C, shape.C).CopyTo(new Span<float>(field + (((nint)toY * wide.W) + toX) * shape.C, shape.C));
            }
        }
        return field;
    }

    /// <summary>Adds the gradient of every replicated border pixel to the pixel it came from.</summary>
    public static void Fold(float* padded, Shape outer, Padding padding, float* inner, Shape shape)
    {
        new Span<float>(inner, shape.Length).Clear();
        nint channels = shape.C, row = shape.W * channels, outerRow = outer.W * channels;
        for (var y = 0; y < outer.H; y++, padded += outerRow)
        {
            float* to = inner + (Math.Clamp(y - padding.Top, 0, shape.H - 1) * row), middle = padded + (padding.Left * channels), right = middle + row;
            for (var from = padded; from < middle; from += channels) Add(from, to, channels);
            Add(middle, to, row);
            for (; right < padded + outerRow; right += channels) Add(right, to + row - channels, channels);
        }

        static void Add(float* from, float* to, nint count) => HostBackend.AddRow(to, from, to, (int)count);
    }

    /// <summary>values = 0 where mask is not positive.</summary>
    public static void Mask(float* mask, float* values, int count)
    {
        for (var i = 0; i < count; i++)
            if (!(mask[i] > 0)) values[i] = 0;
    }
}
