using System.Globalization;
using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Reports;

/// <summary>The page of a run that enlarged pictures: a slider between bicubic and model for each, and what became of every file.</summary>
public sealed class UpscaleReport
{
    /// <summary>A page is one string, so that thousands of pictures would not fit; and very large ones would have to be in memory.</summary>
    private const int MostPictures = 400, Side = 256, Zoom = 2;

    private const long MostPixels = 1L << 26;

    private readonly SortedList<int, HtmlPage> sections = [];
    private int pictures;

    /// <summary>Whether the page has a slider for such a result; of others it has the line in its table only.</summary>
    public bool Shows(ImageInfo result) => pictures < MostPictures && result.Pixels <= MostPixels;

    /// <summary>Adds the slider of one picture; from any thread.</summary>
    /// <param name="number">Its place on the page.</param>
    /// <param name="before">The small picture.</param>
    /// <param name="after">What was made of it, whatever its size.</param>
    /// <param name="model">What made it.</param>
    public void Add(int number, string name, Image before, Image after, string model)
    {
        var bicubic = Bicubic.Resize(before, after.Width, after.Height);
        var (x, y, width, height) = Detail.Difference([after], bicubic, Side);
        var section = new HtmlPage(name).Heading(name)
            .Text($"{before.Width}×{before.Height} to {after.Width}×{after.Height}, shown from ({x}, {y})")
            .Slider(("bicubic", bicubic.Cut(x, y, width, height)), (model, after.Cut(x, y, width, height)), Zoom);
        lock (sections)
        {
            pictures++;
            sections.Add(number, section);
        }
    }

    /// <summary>Ends the page with a table of all files and writes it.</summary>
    /// <param name="files">Per input: its path, "done", "skipped" or "failed", and the output or the reason.</param>
    public void Save(string path, IReadOnlyList<(string Input, string Status, string Detail)> files)
    {
        var page = new HtmlPage("srcnn upscale")
            .Text($"Of every picture the {Side} × {Side} pixels in which the model differs most from bicubic, enlarged {Zoom} times. Drag the line.");
        foreach (var section in sections.Values) page.Add(section);
        page.Heading(string.Create(CultureInfo.InvariantCulture, $"Files: {files.Count}, shown: {pictures}"))
            .Table(["input", "status", "output or reason"], [.. files.Select(f => (IReadOnlyList<string>)[f.Input, f.Status, f.Detail])])
            .Save(path);
    }
}
