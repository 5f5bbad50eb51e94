namespace Srcnn.Kernels;

/// <summary>Every kernel of the ILGPU backend.</summary>
public static class KernelCatalog
{
    /// <summary>Threads hold up to so many neighbouring floats.</summary>
    private const int MostLanes = 32;

    private static readonly Type[] Structs = [.. typeof(IKernel).Assembly.GetTypes().Where(type => type.IsValueType).OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>All kernel structs of the assembly, by name; generic ones once for each type that their constraints allow.</summary>
    public static IReadOnlyList<Kernel> All { get; } =
    [
        .. Structs.Where(type => type.IsAssignableTo(typeof(IKernel)) || type.IsAssignableTo(typeof(IGroupKernel))).SelectMany(Closed).Select(type => new Kernel(type)),
    ];

    private static IEnumerable<Type> Closed(Type kernel)
    {
        if (!kernel.IsGenericTypeDefinition) return [kernel];
        IEnumerable<Type[]> choices = [[]];
        foreach (var parameter in kernel.GetGenericArguments())
            choices = [.. from chosen in choices from argument in Arguments(parameter) select (Type[])[.. chosen, argument]];
        return choices.Select(chosen => kernel.MakeGenericType(chosen));
    }

    private static IEnumerable<Type> Arguments(Type parameter)
    {
        var constraint = parameter.GetGenericParameterConstraints().Single(type => type.IsInterface);
        var name = constraint.Name;
        return name == typeof(ILanes<>).Name ? Lanes() : Structs.Where(type => type.GetInterfaces().Any(known => known.Name == name)).SelectMany(Closed);
    }

    private static IEnumerable<Type> Lanes()
    {
        yield return typeof(Lane);
        var type = typeof(Pair<Pair<Lane>>);
        for (var lanes = 4; lanes <= MostLanes; lanes *= 2)
        {
            yield return type;
            type = typeof(Pair<>).MakeGenericType(type);
        }
    }
}
