using System.Globalization;
using System.Text;

namespace Srcnn.Engine.Reports;

/// <summary>One curve over training steps as inline SVG.</summary>
/// <param name="Title">What is drawn, with its unit.</param>
/// <param name="Points">In the order of x.</param>
/// <param name="Logarithmic">Draws y on a logarithmic axis, for losses.</param>
/// <param name="Level">A horizontal line to compare with, such as bicubic's PSNR.</param>
public sealed record Chart(string Title, IReadOnlyList<(double X, double Y)> Points, bool Logarithmic = false, (string Name, double Y)? Level = null)
{
    private const int Width = 640, Height = 240, Left = 64, Right = 12, Top = 28, Bottom = 28, MaxPoints = 1000;

    /// <summary>The drawing; without two finite points a line that says so.</summary>
    public string ToSvg()
    {
        var points = Points.Where(p => double.IsFinite(p.Y) && (!Logarithmic || p.Y > 0)).ToList();
        if (points.Count < 2) return $"<p>{HtmlPage.Escape(Title)}: not enough points to draw.</p>";
        if (points.Count > MaxPoints) points = [.. Enumerable.Range(0, MaxPoints).Select(i => points[(int)((long)i * (points.Count - 1) / (MaxPoints - 1))])];
        var values = Level is { } level ? points.Select(p => p.Y).Append(level.Y) : points.Select(p => p.Y);
        var (low, high) = (Axis(values.Min()), Axis(values.Max()));
        if (high - low < 1e-9) (low, high) = (low - 0.5, high + 0.5);
        var (start, end) = (points[0].X, points[^1].X);

        double X(double x) => Left + ((x - start) / Math.Max(end - start, 1e-9) * (Width - Left - Right));
        double Y(double y) => Top + ((high - Axis(y)) / (high - low) * (Height - Top - Bottom));

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"{HtmlPage.Escape(Title)}\">");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"16\">{HtmlPage.Escape(Title)}</text>");
        foreach (var share in (double[])[0, 0.5, 1])
        {
            var at = low + (share * (high - low));
            var y = Top + ((1 - share) * (Height - Top - Bottom));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:F1}\" y2=\"{y:F1}\" stroke=\"#8884\"/><text x=\"{Left - 6}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{(Logarithmic ? Math.Pow(10, at).ToString("0.0e+0", CultureInfo.InvariantCulture) : at.ToString("F2", CultureInfo.InvariantCulture))}</text>");
        }
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - 8}\">{start:0}</text><text x=\"{Width - Right}\" y=\"{Height - 8}\" text-anchor=\"end\">step {end:0}</text>");
        if (Level is { } line)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(line.Y):F1}\" y2=\"{Y(line.Y):F1}\" stroke=\"#c60\" stroke-dasharray=\"6 4\"/><text x=\"{Width - Right}\" y=\"{Y(line.Y) - 4:F1}\" text-anchor=\"end\">{HtmlPage.Escape(line.Name)}</text>");
        }
        svg.Append("<polyline fill=\"none\" stroke=\"#27c\" stroke-width=\"1.5\" points=\"")
            .AppendJoin(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):F1},{Y(p.Y):F1}"))).Append("\"/></svg>");
        return svg.ToString();
    }

    private double Axis(double y) => Logarithmic ? Math.Log10(y) : y;
}
