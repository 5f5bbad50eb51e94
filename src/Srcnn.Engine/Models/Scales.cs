using System.Globalization;

namespace Srcnn.Engine.Models;

/// <summary>The factors that one model serves, ascending: most serve one, VDSR several. Written as "3" or "2,3,4".</summary>
public sealed class Scales : IEquatable<Scales>
{
    private const int Largest = 16;

    private readonly int[] values;

    /// <exception cref="ArgumentException">None, or one outside 1 to 16.</exception>
    public Scales(params IEnumerable<int> values)
    {
        List<int> sorted = [.. values];
        sorted.Sort();
        for (var i = sorted.Count - 1; i > 0; i--)
        {
            if (sorted[i] == sorted[i - 1]) sorted.RemoveAt(i);
        }
        this.values = [.. sorted];
        if (this.values.Length == 0 || this.values[0] < 1 || this.values[^1] > Largest)
            throw new ArgumentException($"scales '{this}'; expected whole numbers from 1 to {Largest}", nameof(values));
    }

    /// <summary>The only one, or the least.</summary>
    public int First => values[0];

    /// <summary>A model of one scale.</summary>
    public static implicit operator Scales(int scale) => new(scale);

    /// <summary>Whether the model serves it.</summary>
    public bool Contain(int scale) => Array.BinarySearch(values, scale) >= 0;

    /// <summary>Reads what <see cref="ToString"/> writes; null if it is anything else.</summary>
    public static Scales? Parse(string? text)
    {
        List<int> values = [];
        foreach (var part in (text ?? "").Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value is < 1 or > Largest) return null;
            values.Add(value);
        }
        return new Scales(values);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', values.Select(v => v.ToString(CultureInfo.InvariantCulture)));

    /// <inheritdoc/>
    public bool Equals(Scales? other) => other is not null && values.SequenceEqual(other.values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Scales);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(ToString(), StringComparison.Ordinal);
}
