using System.Globalization;
using System.Text;

namespace Srcnn.Engine.Reports;

/// <summary>One curve of a chart; its points in the order of x.</summary>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Curves on common axes as inline SVG.</summary>
/// <param name="Title">What is drawn, with its unit.</param>
/// <param name="Curves">Named in a legend where there are several.</param>
/// <param name="Logarithmic">Draws y on a logarithmic axis, for losses.</param>
/// <param name="Level">A horizontal line to compare with, such as bicubic's PSNR.</param>
/// <param name="Axis">What x is.</param>
/// <param name="LogarithmicX">Draws x on a logarithmic axis.</param>
/// <param name="Dots">Marks every point and joins none.</param>
internal sealed record Chart(
    string Title, IReadOnlyList<Curve> Curves, bool Logarithmic = false, (string Name, double Y)? Level = null, string Axis = "step", bool LogarithmicX = false,
    bool Dots = false)
{
    private const int Width = 640, Height = 240, Left = 64, Right = 12, Top = 28, Bottom = 28, Legend = 18, MaxPoints = 1000;

    private static readonly string[] Colors = ["#27c", "#c33", "#293", "#a4a", "#b70", "#099"];

    /// <summary>The drawing; with too few finite points to draw a line that says so.</summary>
    public string ToSvg()
    {
        var curves = Curves.Select(c => c with { Points = Drawn(c.Points) }).Where(c => c.Points.Count >= (Dots ? 1 : 2)).ToList();
        if (curves.Count == 0) return $"<p>{HtmlPage.Escape(Title)}: not enough points to draw.</p>";
        var (xs, ys) = (curves.SelectMany(c => c.Points.Select(p => p.X)).ToList(), curves.SelectMany(c => c.Points.Select(p => p.Y)).ToList());
        if (Level is { } own) ys.Add(own.Y);
        var (low, high) = (Scaled(ys.Min(), Logarithmic), Scaled(ys.Max(), Logarithmic));
        if (high - low < 1e-9) (low, high) = (low - 0.5, high + 0.5);
        var (start, end) = (xs.Min(), xs.Max());
        var (from, across) = (Scaled(start, LogarithmicX), Math.Max(Scaled(end, LogarithmicX) - Scaled(start, LogarithmicX), 1e-9));
        var height = Height + (curves.Count > 1 ? Legend * curves.Count : 0);

        double X(double x) => Left + ((Scaled(x, LogarithmicX) - from) / across * (Width - Left - Right));
        double Y(double y) => Top + ((high - Scaled(y, Logarithmic)) / (high - low) * (Height - Top - Bottom));

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\" aria-label=\"{HtmlPage.Escape(Title)}\">");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"16\">{HtmlPage.Escape(Title)}</text>");
        foreach (var share in (double[])[0, 0.5, 1])
        {
            var at = low + (share * (high - low));
            var y = Top + ((1 - share) * (Height - Top - Bottom));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:F1}\" y2=\"{y:F1}\" stroke=\"#8884\"/><text x=\"{Left - 6}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{Number(Logarithmic ? Math.Pow(10, at) : at, Logarithmic)}</text>");
        }
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - 8}\">{Place(start)}</text><text x=\"{Width - Right}\" y=\"{Height - 8}\" text-anchor=\"end\">{HtmlPage.Escape(Axis)} {Place(end)}</text>");
        if (Level is { } line)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(line.Y):F1}\" y2=\"{Y(line.Y):F1}\" stroke=\"#c60\" stroke-dasharray=\"6 4\"/><text x=\"{Width - Right}\" y=\"{Y(line.Y) - 4:F1}\" text-anchor=\"end\">{HtmlPage.Escape(line.Name)}</text>");
        }
        for (var i = 0; i < curves.Count; i++)
        {
            var color = Colors[i % Colors.Length];
            if (Dots)
                svg.AppendJoin("", curves[i].Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"<circle cx=\"{X(p.X):F1}\" cy=\"{Y(p.Y):F1}\" r=\"5\" fill=\"{color}\"/>")));
            else
                svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\" points=\"")
                    .AppendJoin(' ', curves[i].Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):F1},{Y(p.Y):F1}"))).Append("\"/>");
            if (curves.Count == 1) continue;
            var y = Height + (Legend * i) + 6;
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Left + 24}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{color}\" stroke-width=\"3\"/><text x=\"{Left + 32}\" y=\"{y + 4}\">{HtmlPage.Escape(curves[i].Name)}</text>");
        }
        return svg.Append("</svg>").ToString();
    }

    private List<(double X, double Y)> Drawn(IReadOnlyList<(double X, double Y)> all)
    {
        var points = all.Where(p => double.IsFinite(p.Y) && (!Logarithmic || p.Y > 0) && (!LogarithmicX || p.X > 0)).ToList();
        return points.Count <= MaxPoints ? points : [.. Enumerable.Range(0, MaxPoints).Select(i => points[(int)((long)i * (points.Count - 1) / (MaxPoints - 1))])];
    }

    private string Place(double x) => LogarithmicX ? Number(x, true) : x.ToString("0", CultureInfo.InvariantCulture);

    private static string Number(double value, bool power) => value.ToString(power && value is < 1 or >= 1e6 ? "0.0e+0" : "0.##", CultureInfo.InvariantCulture);

    private static double Scaled(double value, bool logarithmic) => logarithmic ? Math.Log10(value) : value;
}
