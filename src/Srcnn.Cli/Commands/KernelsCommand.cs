using System.CommandLine;
using System.Globalization;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn kernels [NAME]</c></summary>
internal static class KernelsCommand
{
    public static Command Create(Session session)
    {
        var name = new Argument<string?>("name") { Description = "Only this kernel, or all variants of it.", Arity = ArgumentArity.ZeroOrOne };
        var ptx = new Option<bool>("--ptx") { Description = "Print the kernel's code for NVIDIA (sm_80)." };
        var openCl = new Option<bool>("--opencl") { Description = "Print the kernel's code in OpenCL C." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("kernels", "Lists the device kernels and shows the code generated for them; needs no device.") { name, ptx, openCl, json };
        command.SetAction(parse =>
        {
            var kernels = Named(parse.GetValue(name));
            if (parse.GetValue(ptx) || parse.GetValue(openCl))
            {
                if (kernels is not [var one]) throw new UsageException($"{kernels.Count} kernels are meant; expected one whose code to print; name one of {Names(kernels)}");
                if (parse.GetValue(ptx)) session.Terminal.Output.WriteLine(one.Ptx());
                if (parse.GetValue(openCl)) session.Terminal.Output.WriteLine(one.OpenCl());
                return ExitCode.Done;
            }
            var rows = kernels.AsParallel().AsOrdered().WithCancellation(session.Stop).Select(k => (Kernel: k, Counts: KernelCounts.Of(k.Ptx()))).ToList();
            if (parse.GetValue(json))
            {
                session.PrintJson(rows.Select(r => new
                {
                    r.Kernel.Name, r.Kernel.Lanes, Grouped = r.Kernel.IsGrouped, r.Counts.MultiplyAdds, r.Counts.Registers, r.Counts.SharedBytes, r.Counts.Bytes, Intensity = Math.Round(r.Counts.Intensity, 3),
                }));
                return ExitCode.Done;
            }
            session.Terminal.Table("kernels, as PTX for sm_80; the body of a loop counts once",
                ["kernel", "lanes", "multiply-adds", "f32 registers", "shared bytes", "bytes moved", "FLOP/byte"],
                [.. rows.Select(r => (IReadOnlyList<string>)[r.Kernel.Name, Text(r.Kernel.Lanes), Text(r.Counts.MultiplyAdds), Text(r.Counts.Registers), Text(r.Counts.SharedBytes), Text(r.Counts.Bytes), r.Counts.Intensity.ToString("F2", CultureInfo.InvariantCulture)])]);
            return ExitCode.Done;
        });
        return command;
    }

    private static IReadOnlyList<Kernel> Named(string? name)
    {
        if (name is null) return KernelCatalog.All;
        List<Kernel> found = [.. KernelCatalog.All.Where(k => Is(k.Name, name) || Is(k.Name.Split(':')[0], name))];
        if (found.Count > 0) return found;
        var near = Spelling.Nearest(name, KernelCatalog.All.Select(k => k.Name));
        throw new UsageException($"kernel '{name}' is unknown; {(near is null ? "expected a name from 'srcnn kernels'" : $"did you mean '{near}'?")}; see 'srcnn kernels'");
    }

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private static string Names(IReadOnlyList<Kernel> kernels) => string.Join(", ", kernels.Take(6).Select(k => k.Name)) + (kernels.Count > 6 ? ", …" : "");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
