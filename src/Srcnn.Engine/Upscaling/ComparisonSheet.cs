using System.Globalization;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Metrics;
using Srcnn.Engine.Reports;

namespace Srcnn.Engine.Upscaling;

/// <summary>One enlargement of a sheet.</summary>
/// <param name="Name">What made it.</param>
/// <param name="Picture">Of the size of all others.</param>
/// <param name="Psnr">dB on 8-bit luma without a border of the scale; null without an original, infinite for the original itself.</param>
public sealed record ComparisonPanel(string Name, Image Picture, double? Psnr)
{
    /// <summary>The name, and the figure where there is one.</summary>
    public string Caption => $"{Name} {Figure}".TrimEnd();

    internal string Figure =>
        Psnr is not { } psnr || double.IsInfinity(psnr) ? "" : string.Create(CultureInfo.InvariantCulture, $"{psnr:F2} dB");
}

/// <summary>
/// The same picture enlarged several ways side by side: nearest pixel, bicubic, every model, and the original where it is known. Below each,
/// magnified, the part where the models differ most from bicubic.
/// </summary>
public sealed class ComparisonSheet
{
    /// <summary>Small pictures leave room for their captions; those of large ones stay readable when the sheet is shown small.</summary>
    private const int Gap = 8, Zoom = 4, LeastLetter = 2, LeastCell = 24 * Caption.Width * LeastLetter, LetterCell = 240;

    /// <summary>Lines of a name, and pixels of a letter's size from one line to the next.</summary>
    private const int NameLines = 3, LineHeight = Caption.Height + 1;

    private readonly int height, cell, letter;

    /// <param name="input">The small picture.</param>
    /// <param name="models">What each model made of it. There may be none.</param>
    /// <param name="scale">The factor between them.</param>
    /// <param name="original">What an ideal model would make, of the same size and channels; shown and measured against.</param>
    /// <exception cref="ArgumentException">The original is another kind of picture.</exception>
    public ComparisonSheet(Image input, IReadOnlyList<(string Name, Image Picture)> models, int scale, Image? original = null)
    {
        using var upscaler = Upscaler.Bicubic(scale);
        Image nearest = Nearest(input, scale), bicubic = upscaler.Upscale(input);
        if (original is not null && (original.Info with { Metadata = bicubic.Metadata }) != bicubic.Info)
            throw new ArgumentException($"the original has {original.Width}×{original.Height} pixels; expected one of {bicubic.Width}×{bicubic.Height}, {bicubic.Channels} channels and {bicubic.BitDepth} bit", nameof(original));
        height = bicubic.Height;
        cell = Cell(bicubic.Width);
        letter = Math.Max(LeastLetter, cell / LetterCell);
        var luma = original is null || Math.Min(bicubic.Width, height) <= 2 * scale ? null : Luma.Rounded(original);
        List<(string Name, Image Picture)> pictures = [("nearest", nearest), (Upscaler.BicubicName, bicubic), .. models];
        if (original is not null) pictures.Add(("original", original));
        Panels = [.. pictures.Select(p => new ComparisonPanel(p.Name, p.Picture, luma is null ? null : Psnr.Compute(Luma.Rounded(p.Picture), luma, scale)))];
        Place = Detail.Difference(models.Count == 0 ? [nearest] : [.. models.Select(m => m.Picture)], bicubic, cell / Zoom);
    }

    /// <summary>From left to right.</summary>
    public IReadOnlyList<ComparisonPanel> Panels { get; }

    /// <summary>The part that is magnified, in pixels of the enlarged picture.</summary>
    internal (int X, int Y, int Width, int Height) Place { get; }

    /// <summary>Samples of the sheet of such an enlarged picture.</summary>
    public static long Samples(ImageInfo enlarged, int panels) =>
        panels * (Cell(enlarged.Width) + (long)Gap) * (enlarged.Height + (5L * Cell(enlarged.Width) / 4) + LeastCell) * enlarged.Channels;

    /// <summary>The sheet, on white; depth, alpha and profile are those of the picture.</summary>
    public Image Draw()
    {
        var model = Panels[0].Picture;
        var captions = Panels.Select(Lines).ToList();
        var caption = (((captions.Max(lines => lines.Count) - 1) * LineHeight) + Caption.Height) * letter + Gap;
        var sheet = new Image((Panels.Count * (cell + Gap)) - Gap, caption + height + Gap + (Place.Height * Zoom), model.Channels, model.BitDepth) { Metadata = model.Metadata };
        sheet.Samples.AsSpan().Fill((ushort)sheet.MaxSample);
        for (var p = 0; p < Panels.Count; p++)
        {
            var (panel, x) = (Panels[p], p * (cell + Gap));
            for (var line = 0; line < captions[p].Count; line++)
                Caption.Write(captions[p][line], sheet, x, (Gap / 2) + (line * LineHeight * letter), letter);
            Put(panel.Picture, sheet, x, caption);
            Put(Nearest(panel.Picture.Cut(Place.X, Place.Y, Place.Width, Place.Height), Zoom), sheet, x, caption + height + Gap);
        }
        return sheet;
    }

    /// <summary>The name, and the figure behind it or below. A letter's width stays free between two captions.</summary>
    private IReadOnlyList<string> Lines(ComparisonPanel panel)
    {
        var letters = (cell / (Caption.Width * letter)) - 1;
        var lines = Caption.Lines(panel.Name, letters, NameLines);
        if (panel.Figure.Length == 0) return lines;
        var fits = lines[^1].Length + 1 + panel.Figure.Length <= letters;
        return fits ? [.. lines.SkipLast(1), $"{lines[^1]} {panel.Figure}"] : [.. lines, panel.Figure];
    }

    private static int Cell(int width) => Math.Max(width, LeastCell);

    private static void Put(Image part, Image sheet, int x, int y)
    {
        for (var row = 0; row < part.Height; row++) part.Row(row).CopyTo(sheet.Row(y + row)[(x * sheet.Channels)..]);
    }

    /// <summary>Every pixel repeated <paramref name="scale"/> times both ways: what a picture looks like that nobody enlarged.</summary>
    public static Image Nearest(Image input, int scale)
    {
        var output = new Image(checked(input.Width * scale), checked(input.Height * scale), input.Channels, input.BitDepth) { Metadata = input.Metadata };
        for (var y = 0; y < output.Height; y++)
        for (var x = 0; x < output.Width; x++)
            input.Row(y / scale).Slice(x / scale * input.Channels, input.Channels).CopyTo(output.Row(y)[(x * input.Channels)..]);
        return output;
    }
}
