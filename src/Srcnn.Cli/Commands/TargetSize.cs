using System.Globalization;
using System.Text.RegularExpressions;

namespace Srcnn.Cli.Commands;

/// <summary>The size a picture is wanted in: as large as fits a box, or of so many pixels; its proportions stay.</summary>
internal sealed partial record TargetSize(string Suffix, Func<int, int, double> Factor)
{
    /// <summary>What the options ask for, or null where they are not given.</summary>
    /// <exception cref="UsageException">They are no sizes, or exclude each other.</exception>
    public static TargetSize? Of(string? size, double? megapixels, int? scale)
    {
        if (size is null && megapixels is null) return null;
        if (scale is not null || (size is not null && megapixels is not null))
            throw new UsageException("--scale, --size and --megapixels exclude each other; expected one of them; leave the others out");
        if (megapixels is { } wanted)
        {
            if (wanted is not (> 0 and <= 4096)) throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--megapixels is {wanted}; expected more than 0, at most 4096; correct it"));
            return new TargetSize(string.Create(CultureInfo.InvariantCulture, $"{wanted}mp"), (width, height) => Math.Sqrt(wanted * 1e6 / ((double)width * height)));
        }
        if (Box().Match(size!) is not { Success: true } box || !Side(box, 1, out var boxWidth) || !Side(box, 2, out var boxHeight))
            throw new UsageException($"--size is '{size}'; expected a width and a height such as 1920x1080; correct it");
        return new TargetSize(size!, (width, height) => Math.Min((double)boxWidth / width, (double)boxHeight / height));
    }

    /// <summary>The size of the result for an input of the given size.</summary>
    public (int Width, int Height) For(int width, int height)
    {
        var factor = Factor(width, height);
        return (Side(width), Side(height));

        int Side(int side) => (int)Math.Clamp(Math.Round(side * factor), 1, int.MaxValue);
    }

    private static bool Side(Match box, int group, out int side) => int.TryParse(box.Groups[group].Value, CultureInfo.InvariantCulture, out side) && side > 0;

    [GeneratedRegex("^([0-9]+)[xX×]([0-9]+)$")]
    private static partial Regex Box();
}
