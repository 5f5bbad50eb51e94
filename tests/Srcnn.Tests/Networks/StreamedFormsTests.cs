using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Tests.Networks;

/// <summary>The form in which every convolution of a catalogued network streams on host: whoever falls back to the sum as it is written is seen here.</summary>
public sealed class StreamedFormsTests
{
    /// <param name="network">Its name.</param>
    /// <param name="scale">Its factor.</param>
    /// <param name="forms">First to last: F(m, r) down columns and m×m′ both ways, F·dots with dot products along the rows, the sum as it is written, dots for few outputs.</param>
    /// <param name="narrower">The same with vectors of 256 and 128 bits, where they differ.</param>
    [TestCase("srcnn-9-1-5", 2, "nested F(6×4, 3×3), sum, F(4, 5)·dots", Description = "what takes a picture enlarged by bicubic is the same at any scale")]
    [TestCase("srcnn-9-3-5", 3, "nested F(6×4, 3×3), F(6×4, 3×3), F(4, 5)·dots")]
    [TestCase("srcnn-9-5-5", 4, "nested F(6×4, 3×3), F(4×4, 5×5), F(4, 5)·dots")]
    [TestCase("vdsr", 2, "sum, 18 F(6×4, 3×3), dots")]
    [TestCase("fsrcnn", 2, "sum, sum, 4 F(4, 3), sum, F(4, 5)")]
    [TestCase("fsrcnn", 3, "sum, sum, 4 F(4, 3), sum, F(4, 3)")]
    [TestCase("fsrcnn", 4, "sum, sum, 4 F(4, 3), sum, F(4, 3)")]
    [TestCase("fsrcnn-s", 2, "sum, sum, sum, sum, F(4, 5)")]
    [TestCase("fsrcnn-s", 3, "sum, sum, sum, sum, F(4, 3)")]
    [TestCase("fsrcnn-s", 4, "sum, sum, sum, sum, F(4, 3)")]
    [TestCase("compact-11-16", 2, "sum, 11 F(6×4, 3×3), dots", "sum, 11 F(6×4, 3×3), F(4×4, 5×5)")]
    [TestCase("compact-11-16", 3, "sum, 11 F(6×4, 3×3), F(4×4, 5×5)")]
    [TestCase("compact-11-16", 4, "sum, 11 F(6×4, 3×3), F(4×4, 5×5)")]
    [TestCase("compact-7-32", 2, "sum, 7 F(6×4, 3×3), dots", "sum, 7 F(6×4, 3×3), F(4×4, 5×5)")]
    [TestCase("compact-7-32", 3, "sum, 7 F(6×4, 3×3), F(4×4, 5×5)")]
    [TestCase("compact-7-32", 4, "sum, 7 F(6×4, 3×3), F(4×4, 5×5)")]
    [TestCase("compact-5-48", 2, "sum, 5 F(6×4, 3×3), dots", "sum, 5 F(6×4, 3×3), F(4×4, 5×5)")]
    [TestCase("compact-5-48", 3, "sum, 5 F(6×4, 3×3), F(4×4, 5×5)")]
    [TestCase("compact-5-48", 4, "sum, 5 F(6×4, 3×3), F(4×4, 5×5)")]
    public void EveryLayerGoesByTheFormItShould(string network, int scale, string forms, string? narrower = null)
    {
        using var host = new HostBackend(1);
        using var model = new Model(NetworkCatalog.Parse(network), scale, host);
        using var graph = model.Inference.Stream(model.Parameters, Algorithm.Auto);
        Assert.That(graph, Is.Not.Null);
        var actual = Enumerable.Range(1, graph!.Last).Select(map => Form(graph.Maker(map).Op)).OfType<string>();
        Assert.That(Folded(actual), Is.EqualTo(Simd.Width == 16 ? forms : narrower ?? forms));
    }

    /// <summary>Null for what is no convolution.</summary>
    private static string? Form(IRowOp op)
    {
        var type = op.GetType();
        var forms = type.GetGenericArguments();
        return type.Name.Split('`')[0] switch
        {
            "WinogradNestedRowOp" => "nested F(6×4, 3×3)",
            "WinogradPlainRowOp" => $"F({Size(forms[0], 1)}×{Size(forms[1], 1)}, {Size(forms[0], 2)}×{Size(forms[0], 2)})",
            "PlanesWinogradRowOp" => $"F({Size(forms[0], 1)}, {Size(forms[0], 2)})",
            "WinogradDotRowOp" => "F(4, 5)·dots",
            "DirectRowOp" => Dot.Suits(op.OutChannels) ? "dots" : "sum",
            "PlanesRowOp" => "sum",
            "AddRowOp" or "DepthToSpaceRowOp" => null,
            var name => name,
        };
    }

    /// <summary>F43 has four outputs and three taps.</summary>
    private static char Size(Type form, int at) => form.Name[at];

    /// <summary>Chains of one of Winograd's forms as their number and the form.</summary>
    private static string Folded(IEnumerable<string> forms)
    {
        List<(string Form, int Count)> runs = [];
        foreach (var form in forms)
        {
            if (runs.Count > 0 && runs[^1].Form == form && form != "sum") runs[^1] = (form, runs[^1].Count + 1);
            else runs.Add((form, 1));
        }
        return string.Join(", ", runs.Select(run => run.Count == 1 ? run.Form : $"{run.Count} {run.Form}"));
    }
}
