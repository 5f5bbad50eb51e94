using System.Globalization;
using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Models;
using Srcnn.Engine.Stress;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn evaluate --stress</c>: what models make of pictures that are no photographs.</summary>
internal static class StressReport
{
    /// <param name="models">Names as for <c>--model</c>; null is the default.</param>
    /// <param name="scale">Null takes each model's own.</param>
    public static int Run(Session session, UpscalerShelf shelf, IReadOnlyList<string?> models, int? scale, bool json)
    {
        var opened = models.Select(m => (Name: m, Class: m == Upscaler.BicubicName ? null : ModelChain.Of(m, scale)[0].Model.Class)).ToList();
        StressPicture[] pictures = [.. StressPictures.All(), .. StressPictures.InstalledFonts()];
        List<StressEvaluation> evaluations = [];
        foreach (var (name, promised) in opened)
        {
            using var upscaler = shelf.Open(name, scale);
            session.Log($"{name ?? upscaler.Name} ×{upscaler.Scale} on {pictures.Length} generated pictures");
            evaluations.Add(StressEvaluation.Run(upscaler, name ?? upscaler.Name, promised, pictures, session.Stop));
            if (!json) Print(session, evaluations[^1]);
        }
        if (json) session.PrintJson(evaluations.Count == 1 ? Json(evaluations[0]) : evaluations.Select(Json).ToList());
        return ExitCode.Done;
    }

    private static void Print(Session session, StressEvaluation e)
    {
        var rows = e.Scores.GroupBy(s => s.Picture.Family).Select(family => (IReadOnlyList<string>)
        [
            family.Key, Number(family.Average(s => s.Error), 1), Number(family.Average(s => s.BicubicError), 1), Number(family.Max(s => s.Error - s.BicubicError), 1),
            Number(100 * family.Average(s => s.Overshoot), 0), Number(family.Average(s => s.Gain), 2), Number(family.Count(s => s.Miss(e.Promised ?? ModelClass.Paper) is not null), 0),
        ]);
        session.Terminal.Table(
            $"{e.Model} ×{e.Scale}, {(e.Promised is { } promised ? $"class {promised.Text()}" : "no class stated, compared with paper")}",
            ["family", "levels off, shrunk back", "bicubic", "worst above", "overshoot %", "dB above bicubic", "misses"], [.. rows]);
        foreach (var miss in e.Misses()) session.Terminal.Output.WriteLine($"  {miss}");
        session.Terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  hard shapes overshoot by {e.Overshoot:P0}, text and lines {e.LineArtGain:F2} dB above bicubic; {(e.Misses().Count == 0 ? "keeps what it promises" : $"of that class it misses {e.Misses().Count}")}"));
    }

    private static object Json(StressEvaluation e) => new
    {
        e.Model,
        e.Scale,
        Class = e.Promised?.Text(),
        Pictures = e.Scores.Select(s => new
        {
            s.Picture.Family, s.Picture.Number, Recorded = s.Picture.IsRecorded, s.Error, s.BicubicError, s.Overshoot, Psnr = Session.Finite(s.Psnr), BicubicPsnr = Session.Finite(s.BicubicPsnr),
        }),
        e.Overshoot,
        e.LineArtGain,
        Misses = e.Misses(),
    };

    private static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
