using System.Globalization;
using System.Net;
using System.Text;
using Srcnn.Engine.Files;
using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Reports;

/// <summary>One web page that needs nothing beside itself: pictures are data URIs, curves inline SVG, no script but the slider's own line.</summary>
public sealed class HtmlPage
{
    private const string Style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
        h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
        table{border-collapse:collapse}td,th{padding:.25rem .75rem;text-align:right;border-bottom:1px solid #ddd}
        td:first-child,th:first-child{text-align:left}tr.strong td{font-weight:600}
        figure{display:inline-block;margin:0 1rem 1rem 0;vertical-align:top}figcaption{font-size:.9rem;color:#555}
        img{image-rendering:pixelated;max-width:100%}
        .slider{position:relative;display:inline-block;line-height:0}
        .slider img{display:block}.slider .top{position:absolute;inset:0;overflow:hidden;clip-path:inset(0 50% 0 0)}
        .slider input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:.02;cursor:ew-resize}
        .slider .line{position:absolute;top:0;bottom:0;left:50%;width:2px;background:#fff;mix-blend-mode:difference}
        svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#555}
        @media(prefers-color-scheme:dark){body{background:#1b1b1d;color:#ddd}td,th{border-color:#444}figcaption,svg text{color:#aaa;fill:#aaa}}
        """;

    private readonly string title;
    private readonly StringBuilder body = new();

    public HtmlPage(string title) => this.title = title;

    public HtmlPage Heading(string text)
    {
        body.Append(CultureInfo.InvariantCulture, $"<h2>{Escape(text)}</h2>\n");
        return this;
    }

    public HtmlPage Text(string text)
    {
        body.Append(CultureInfo.InvariantCulture, $"<p>{Escape(text)}</p>\n");
        return this;
    }

    /// <summary>A table; the first column is left-aligned, the others hold numbers. The last row may be a mean, printed bold.</summary>
    public HtmlPage Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, bool lastIsMean = false)
    {
        body.Append("<table><tr>").AppendJoin("", columns.Select(c => $"<th>{Escape(c)}</th>")).Append("</tr>\n");
        for (var i = 0; i < rows.Count; i++)
        {
            body.Append(lastIsMean && i == rows.Count - 1 ? "<tr class=\"strong\">" : "<tr>")
                .AppendJoin("", rows[i].Select(c => $"<td>{Escape(c)}</td>")).Append("</tr>\n");
        }
        body.Append("</table>\n");
        return this;
    }

    /// <summary>Pictures side by side, each enlarged by a whole factor without smoothing.</summary>
    public HtmlPage Pictures(IEnumerable<(string Caption, Image Picture)> pictures, int zoom = 1)
    {
        body.Append("<div>");
        foreach (var (caption, picture) in pictures)
            body.Append(CultureInfo.InvariantCulture, $"<figure>{Tag(picture, caption, zoom)}<figcaption>{Escape(caption)}</figcaption></figure>\n");
        body.Append("</div>\n");
        return this;
    }

    /// <summary>Two pictures of one size on top of each other, with a line to drag.</summary>
    public HtmlPage Slider((string Caption, Image Picture) left, (string Caption, Image Picture) right, int zoom = 1)
    {
        body.Append(CultureInfo.InvariantCulture, $"""
            <figure><div class="slider">{Tag(right.Picture, right.Caption, zoom)}<div class="top">{Tag(left.Picture, left.Caption, zoom)}</div><div class="line"></div>
            <input type="range" min="0" max="100" value="50" aria-label="before and after" oninput="this.previousElementSibling.style.left=this.value+'%';this.parentNode.querySelector('.top').style.clipPath='inset(0 '+(100-this.value)+'% 0 0)'"></div>
            <figcaption>{Escape(left.Caption)} ◂ drag ▸ {Escape(right.Caption)}</figcaption></figure>

            """);
        return this;
    }

    /// <summary>What another page shows below its title.</summary>
    public HtmlPage Add(HtmlPage other)
    {
        body.Append(other.body);
        return this;
    }

    /// <summary>A curve, with an optional level to compare with.</summary>
    internal HtmlPage Chart(Chart chart)
    {
        body.Append(chart.ToSvg()).Append('\n');
        return this;
    }

    /// <summary>Writes the page whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(ToString())));

    /// <inheritdoc/>
    public override string ToString() =>
        $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{Escape(title)}</title>\n<style>{Style}</style></head>\n<body><h1>{Escape(title)}</h1>\n{body}</body></html>\n";

    internal static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Tag(Image picture, string caption, int zoom) =>
        $"<img width=\"{picture.Width * zoom}\" height=\"{picture.Height * zoom}\" alt=\"{Escape(caption)}\" src=\"data:image/png;base64,{Convert.ToBase64String(Png(picture))}\">";

    private static byte[] Png(Image picture)
    {
        using var stream = new MemoryStream();
        var info = new ImageInfo(ImageFormat.Png, picture.Width, picture.Height, picture.Channels, picture.BitDepth, ImageMetadata.Empty);
        using var writer = new NetVipsCodec().Create("report picture", stream, info, null);
        writer.WriteRows(picture.Samples);
        writer.Complete();
        return stream.ToArray();
    }
}
