using System.Globalization;
using System.Text.RegularExpressions;
using Srcnn.Engine.Imaging;

namespace Srcnn.Cli.Commands;

/// <summary>The size a picture is wanted in, other than by a factor that the models make: as large as fits a box, of so many pixels, or by any factor; its proportions stay.</summary>
internal sealed partial record TargetSize
{
    private readonly string asked;
    private readonly bool namesResult;
    private readonly Func<int, int, double> factor;

    private TargetSize(string asked, Func<int, int, double> factor, bool namesResult = false) =>
        (this.asked, this.factor, this.namesResult) = (asked, factor, namesResult);

    /// <summary>What the options ask for, or null where they are not given.</summary>
    /// <exception cref="UsageException">They are no sizes, or exclude each other.</exception>
    public static TargetSize? Of(string? size, double? megapixels, double? scale)
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
        return new TargetSize(size!, (width, height) => Math.Min((double)boxWidth / width, (double)boxHeight / height), namesResult: true);
    }

    /// <summary>Larger by a factor that no model makes.</summary>
    public static TargetSize Of(double factor) => new(SizeOf(factor), (_, _) => factor);

    /// <summary>What a name says of a factor: "x3", "x1.5".</summary>
    public static string SizeOf(double factor) => string.Create(CultureInfo.InvariantCulture, $"x{factor}");

    /// <summary>The size of the result for an input of the given size.</summary>
    public (int Width, int Height) For(int width, int height)
    {
        var times = factor(width, height);
        return (Side(width), Side(height));

        int Side(int side) => (int)Math.Clamp(Math.Round(side * times), 1, int.MaxValue);
    }

    /// <summary>What a name says of the size: of a box what fits it, "1496x2160", where the picture's header can be read ahead; else what was asked for.</summary>
    public string NameFor(string input)
    {
        if (!namesResult || !InputFile.IsPlain(input)) return asked;
        try
        {
            var info = ImageFile.Probe(input);
            var (width, height) = For(info.Width, info.Height);
            return string.Create(CultureInfo.InvariantCulture, $"{width}x{height}");
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
        {
            return asked; // whoever opens it says what is wrong
        }
    }

    private static bool Side(Match box, int group, out int side) => int.TryParse(box.Groups[group].Value, CultureInfo.InvariantCulture, out side) && side > 0;

    [GeneratedRegex("^([0-9]+)[xX×]([0-9]+)$")]
    private static partial Regex Box();
}
